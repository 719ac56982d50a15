/** A model with everything that is needed to use it, in one file. */
@NullMarked
package org.jclap.clap.checkpoint;

import org.jspecify.annotations.NullMarked;
