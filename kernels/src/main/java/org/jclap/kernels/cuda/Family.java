package org.jclap.kernels.cuda;

import java.util.Locale;

/** The kernels by family, each one source file and one module: the table of contents of {@code src/main/cuda}. */
public enum Family {
    /** Functions of single elements: unary, binary, affine, dropout, cast. */
    ELEMENTWISE,
    /** Moving elements: permute, broadcast, slice, pad, concatenate, fill. */
    LAYOUT,
    /** Sums, means, maxima, squared norms. */
    REDUCTION,
    /** Softmax and layer normalisation. */
    NORMALISATION,
    /** Embedding look-up. */
    GATHER,
    /** Attention with several heads. */
    ATTENTION,
    /** Attention on tensor cores. */
    TENSOR_ATTENTION,
    /** Log-mel spectrograms. */
    LOG_MEL,
    /** Matrix products. */
    MATRIX,
    /** Matrix products on tensor cores. */
    TENSOR_MATRIX,
    /** Convolutions. */
    CONVOLUTION,
    /** Convolutions on tensor cores. */
    TENSOR_CONVOLUTION,
    /** Average pooling. */
    POOLING,
    /** Batch normalisation. */
    BATCH_NORM,
    /** The contrastive loss between its matrix products. */
    CONTRASTIVE,
    /** Optimizer steps. */
    UPDATE;

    /** The name of the source, without its ending. */
    public String file() {
        return name().toLowerCase(Locale.ROOT);
    }
}
