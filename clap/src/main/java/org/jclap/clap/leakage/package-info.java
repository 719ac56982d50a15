/** What a training set and an evaluation set share: recordings, files, captions, and labels that captions mention. */
@NullMarked
package org.jclap.clap.leakage;

import org.jspecify.annotations.NullMarked;
