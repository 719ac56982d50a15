package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.ELEMENTWISE;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Unary;

/** {@code elementwise.cu}: kernels are named for the op and the element type. */
final class ElementwiseOps {
    /** Elements that a thread converts. */
    private static final int CAST = 4;

    private final Launcher launcher;
    private final LayoutOps layouts;

    ElementwiseOps(Launcher launcher, LayoutOps layouts) {
        this.launcher = launcher;
        this.layouts = layouts;
    }

    void unary(Unary op, Tensor x, Tensor y) {
        launcher.kernel(ELEMENTWISE, op.name(), y.dtype()).tensor(x).tensor(y).i32(y.size());
        launcher.forEachPack(y);
    }

    void binary(Binary op, Tensor a, Tensor b, Tensor y) {
        boolean aligned = a.shape().equals(b.shape());
        launcher.kernel(ELEMENTWISE, aligned ? op.name() : op.name() + "_broadcast", y.dtype())
                .tensor(a)
                .tensor(b)
                .tensor(y)
                .i32(y.size());
        if (aligned) {
            launcher.forEachPack(y);
        } else {
            launcher.struct(Axes.broadcast(a.shape(), b.shape(), y.shape()).struct())
                    .forEach(y.size(), 1);
        }
    }

    void affine(Affine op, Tensor x, Tensor y) {
        launcher.kernel(ELEMENTWISE, "affine", y.dtype())
                .tensor(x)
                .tensor(y)
                .i32(y.size())
                .f32((float) op.scale())
                .f32((float) op.shift());
        launcher.forEachPack(y);
    }

    void accumulate(Assign.Accumulate op, Tensor target, Tensor source) {
        launcher.kernel(ELEMENTWISE, "accumulate", target.dtype())
                .tensor(source)
                .tensor(target)
                .i32(target.size())
                .f32((float) op.scale());
        launcher.forEachPack(target);
    }

    void dropout(Dropout op, Tensor x, Tensor random, Tensor y) {
        launcher.kernel(ELEMENTWISE, "dropout", y.dtype())
                .tensor(x)
                .tensor(y)
                .i32(y.size())
                .struct(new DropoutMask(op.rate(), op.stream(), random).struct());
        launcher.forEachPack(y);
    }

    void cast(Tensor x, Tensor y) {
        if (x.dtype() == y.dtype()) {
            layouts.copy(x, y);
            return;
        }
        launcher.kernel(ELEMENTWISE, "cast_" + x.dtype(), y.dtype())
                .tensor(x)
                .tensor(y)
                .i32(y.size())
                .forEach(y.size(), CAST);
    }
}
