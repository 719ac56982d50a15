package org.jclap.models.clap;

import org.jclap.tensor.Tensor;

/** Tokenized texts on a backend: ids and token types I32 {@code (B, L)}, mask F32 {@code (B, L)} with 0 for padding. */
public record TextBatch(Tensor ids, Tensor types, Tensor mask) {}
