/** The transformer text encoder BERT (Devlin et al., arXiv 1810.04805). */
@NullMarked
package org.jclap.models.bert;

import org.jspecify.annotations.NullMarked;
