package org.jclap.kernels.vector;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.type.Shape;

/** Elementwise ops: the functions of the vocabulary in terms of the kernels {@link Unary} and {@link Binary}. */
final class MapOps {
    private final Workers workers;
    private final Elementwise kernel;

    MapOps(Workers workers) {
        this.workers = workers;
        this.kernel = new Elementwise(workers);
    }

    void unary(org.jclap.tensor.op.Unary op, Tensor x, Tensor y) {
        Unary function = switch (op) {
            case NEG -> Unary.NEG;
            case ABS -> Unary.ABS;
            case EXP -> Unary.EXP;
            case LOG -> Unary.LOG;
            case SQRT -> Unary.SQRT;
            case RECIPROCAL -> Unary.RECIPROCAL;
            case SQUARE -> Unary.SQUARE;
            case RELU -> Unary.RELU;
            case SIGMOID -> Unary.SIGMOID;
            case TANH -> Unary.TANH;
            case GELU -> Unary.GELU;
            case LOG_SIGMOID -> Unary.LOG_SIGMOID;
        };
        kernel.map(function, x.host().floats(), x.offset(), y.host().floats(), y.offset(), y.size());
    }

    void binary(org.jclap.tensor.op.Binary op, Tensor a, Tensor b, Tensor y) {
        switch (op) {
            case ADD -> map(Binary.ADD, a, b, y);
            case SUB -> map(Binary.SUB, a, b, y);
            case MUL -> map(Binary.MUL, a, b, y);
            case DIV -> map(Binary.DIV, a, b, y);
            // The kernels take the incoming gradient first.
            case RELU_BACKWARD -> map(Binary.RELU_BACKWARD, b, a, y);
            case SIGMOID_BACKWARD -> map(Binary.SIGMOID_BACKWARD, b, a, y);
            case TANH_BACKWARD -> map(Binary.TANH_BACKWARD, b, a, y);
            case GELU_BACKWARD -> map(Binary.GELU_BACKWARD, b, a, y);
            case ABS_BACKWARD -> map(Binary.ABS_BACKWARD, b, a, y);
        }
    }

    private void map(Binary function, Tensor a, Tensor b, Tensor y) {
        kernel.map(
                function, spread(a, y.shape()), spread(b, y.shape()), y.host().floats(), y.offset(), y.size());
    }

    void affine(Affine op, Tensor x, Tensor y) {
        kernel.affine(
                (float) op.scale(),
                (float) op.shift(),
                x.host().floats(),
                x.offset(),
                y.host().floats(),
                y.offset(),
                y.size());
    }

    void broadcast(Tensor x, Tensor y) {
        kernel.copy(spread(x, y.shape()), y.host().floats(), y.offset(), y.size());
    }

    /** A tensor as it is read when it is broadcast to a shape: along repeated axes a step covers nothing. */
    private static Strided spread(Tensor x, Shape target) {
        if (x.shape().size() == target.size()) {
            return Strided.contiguous(x.host().floats(), x.offset());
        }
        int[] strides = new int[target.rank()];
        int added = target.rank() - x.shape().rank();
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            strides[added + axis] = x.shape().dim(axis) == 1
                    ? 0
                    : x.shape().product(axis + 1, x.shape().rank());
        }
        return new Strided(x.host().floats(), x.offset(), target.toArray(), strides);
    }

    void dropout(Dropout op, Tensor x, Tensor random, Tensor y) {
        DropoutMask mask = DropoutMask.of(op.rate(), op.stream(), random);
        workers.parallelRanges(
                y.size(),
                Rows.task(y.size()),
                (from, to) -> mask.apply(
                        from, x.host().floats(), x.offset() + from, y.host().floats(), y.offset() + from, to - from));
    }
}
