/** Finds pairs in unpaired audio and text by the similarity of their embeddings (Wang et al., arXiv 2305.01864). */
@NullMarked
package org.jclap.clap.curate;

import org.jspecify.annotations.NullMarked;
