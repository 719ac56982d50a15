/** Layers: a few lines each, over named weights. A layer's weights have the names of the published checkpoints. */
@NullMarked
package org.jclap.models.nn;

import org.jspecify.annotations.NullMarked;
