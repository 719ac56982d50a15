/**
 * Captions on their way to the text encoder: cleaning, class prompts, the uncased WordPiece tokenizer of BERT and a
 * trainer for small vocabularies.
 */
@NullMarked
package org.jclap.clap.text;

import org.jspecify.annotations.NullMarked;
