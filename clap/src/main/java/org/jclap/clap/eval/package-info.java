/** What a model can do: zero-shot classification and retrieval. */
@NullMarked
package org.jclap.clap.eval;

import org.jspecify.annotations.NullMarked;
