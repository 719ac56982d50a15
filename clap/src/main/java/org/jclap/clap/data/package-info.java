/**
 * What is trained on and evaluated: manifests and pairs, labels, the published layouts of captioned and classified
 * sound collections, the reference split, and fingerprints that tell one data set from another.
 */
@NullMarked
package org.jclap.clap.data;

import org.jspecify.annotations.NullMarked;
