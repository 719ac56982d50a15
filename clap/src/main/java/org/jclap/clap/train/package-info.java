/**
 * Training: what a run is asked to do, which clips come in which order, the step, and what is written down.
 *
 * <p>Start with {@link org.jclap.clap.train.Trainer}.
 */
@NullMarked
package org.jclap.clap.train;

import org.jspecify.annotations.NullMarked;
