/** Losses over a batch of audio and text embeddings. */
@NullMarked
package org.jclap.clap.loss;

import org.jspecify.annotations.NullMarked;
