package org.jclap.models.nn;

import org.jclap.autograd.Parameter;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/** A table of vectors {@code (rows, D)}. */
public final class Embedding {
    private static final double DEVIATION = 0.02;

    private final int paddingRow;
    private final Parameter weight;

    /** A table of normal numbers; {@code paddingRow} receives no gradient (-1: every row does). */
    public Embedding(Weights weights, int rows, int dim, int paddingRow) {
        this.paddingRow = paddingRow;
        weight = weights.parameter("weight", Shape.of(rows, dim), new Init.Normal(DEVIATION));
    }

    /** ids I32 {@code (...)} to {@code (..., D)}. */
    public Tensor forward(Tensor ids) {
        return Ops.gather(weight.value(), ids, paddingRow);
    }

    /** The first {@code count} rows, {@code (count, D)}. */
    public Tensor first(int count) {
        return Ops.slice(weight.value(), 0, 0, count);
    }
}
