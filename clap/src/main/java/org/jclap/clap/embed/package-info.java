/** Audio files and captions to embeddings. */
@NullMarked
package org.jclap.clap.embed;

import org.jspecify.annotations.NullMarked;
