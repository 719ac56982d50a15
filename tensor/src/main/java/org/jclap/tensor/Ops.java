package org.jclap.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.BroadcastTo;
import org.jclap.tensor.op.Cast;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.LogMel;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.op.Reduction.Kind;
import org.jclap.tensor.op.Reduction.Reduce;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * What can be computed, as methods: one line a primitive of the vocabulary, then what is composed of primitives and
 * therefore needs no kernel and no gradient rule. Axes may be negative.
 */
public final class Ops {
    private Ops() {}

    // ---------------------------------------------------------------------------------------------- elementwise

    /** -x. */
    public static Tensor neg(Tensor x) {
        return Tensor.apply(Unary.NEG, x);
    }

    /** |x|. */
    public static Tensor abs(Tensor x) {
        return Tensor.apply(Unary.ABS, x);
    }

    /** e^x. */
    public static Tensor exp(Tensor x) {
        return Tensor.apply(Unary.EXP, x);
    }

    /** ln x. */
    public static Tensor log(Tensor x) {
        return Tensor.apply(Unary.LOG, x);
    }

    /** The square root. */
    public static Tensor sqrt(Tensor x) {
        return Tensor.apply(Unary.SQRT, x);
    }

    /** 1 / x. */
    public static Tensor reciprocal(Tensor x) {
        return Tensor.apply(Unary.RECIPROCAL, x);
    }

    /** x². */
    public static Tensor square(Tensor x) {
        return Tensor.apply(Unary.SQUARE, x);
    }

    /** max(x, 0). */
    public static Tensor relu(Tensor x) {
        return Tensor.apply(Unary.RELU, x);
    }

    /** 1 / (1 + e^-x). */
    public static Tensor sigmoid(Tensor x) {
        return Tensor.apply(Unary.SIGMOID, x);
    }

    /** The hyperbolic tangent. */
    public static Tensor tanh(Tensor x) {
        return Tensor.apply(Unary.TANH, x);
    }

    /** x Φ(x), exact. */
    public static Tensor gelu(Tensor x) {
        return Tensor.apply(Unary.GELU, x);
    }

    /** The logarithm of the sigmoid. */
    public static Tensor logSigmoid(Tensor x) {
        return Tensor.apply(Unary.LOG_SIGMOID, x);
    }

    /** a + b, broadcast. */
    public static Tensor add(Tensor a, Tensor b) {
        return Tensor.apply(Binary.ADD, a, b);
    }

    /** a - b, broadcast. */
    public static Tensor sub(Tensor a, Tensor b) {
        return Tensor.apply(Binary.SUB, a, b);
    }

    /** a b elementwise, broadcast. */
    public static Tensor mul(Tensor a, Tensor b) {
        return Tensor.apply(Binary.MUL, a, b);
    }

    /** a / b, broadcast. */
    public static Tensor div(Tensor a, Tensor b) {
        return Tensor.apply(Binary.DIV, a, b);
    }

    /** scale x + shift. */
    public static Tensor affine(Tensor x, double scale, double shift) {
        return Tensor.apply(new Affine(scale, shift), x);
    }

    /** scale x. */
    public static Tensor scale(Tensor x, double scale) {
        return affine(x, scale, 0);
    }

    /** The same values in another type; x itself when it has that type. */
    public static Tensor cast(Tensor x, DType to) {
        return x.dtype() == to ? x : Tensor.apply(new Cast(to), x);
    }

    /** Drops elements; {@code random} is the step's random state, see {@link Dropout}. x itself when the rate is 0. */
    public static Tensor dropout(Tensor x, float rate, int stream, Tensor random) {
        return rate == 0 ? x : Tensor.apply(new Dropout(rate, stream), x, random);
    }

    // ---------------------------------------------------------------------------------------------- in place

    /** Sets every element; returns the target. */
    public static Tensor fill(Tensor target, double value) {
        Tensor.applyAll(new Assign.Fill(value), List.of(target));
        return target;
    }

    /** target = source; returns the target. */
    public static Tensor copy(Tensor target, Tensor source) {
        Tensor.applyAll(new Assign.Copy(), List.of(target, source));
        return target;
    }

    /** target += scale source; returns the target. */
    public static Tensor accumulate(Tensor target, Tensor source, double scale) {
        Tensor.applyAll(new Assign.Accumulate(scale), List.of(target, source));
        return target;
    }

    // ---------------------------------------------------------------------------------------------- layout

    /** The same elements under another shape. */
    public static Tensor reshape(Tensor x, int... dims) {
        return reshape(x, Shape.of(dims));
    }

    /** The same elements under another shape. */
    public static Tensor reshape(Tensor x, Shape shape) {
        return x.shape().equals(shape) ? x : Tensor.apply(new Layout.Reshape(shape), x);
    }

    /** Axis i of the result is axis {@code order[i]} of x. */
    public static Tensor permute(Tensor x, int... order) {
        return Tensor.apply(
                new Layout.Permute(
                        IntStream.of(order).map(x.shape()::axis).boxed().toList()),
                x);
    }

    /** The last two axes exchanged. */
    public static Tensor transpose(Tensor x) {
        int[] order = IntStream.range(0, x.shape().rank()).toArray();
        order[order.length - 1] = order.length - 2;
        order[order.length - 2] = order.length - 1;
        return permute(x, order);
    }

    /** The indices {@code [from, to)} of an axis. */
    public static Tensor slice(Tensor x, int axis, int from, int to) {
        return Tensor.apply(new Layout.Slice(x.shape().axis(axis), from, to), x);
    }

    /** One index of an axis, which is then gone. */
    public static Tensor select(Tensor x, int axis, int index) {
        int a = x.shape().axis(axis);
        return reshape(slice(x, a, index, index + 1), x.shape().without(a, a + 1));
    }

    /** Zeros before and after an axis. */
    public static Tensor pad(Tensor x, int axis, int before, int after) {
        return Tensor.apply(new Layout.Pad(x.shape().axis(axis), before, after), x);
    }

    /** Tensors one after the other along an axis. */
    public static Tensor concat(int axis, List<Tensor> parts) {
        return Tensor.applyAll(new Layout.Concat(parts.getFirst().shape().axis(axis)), new ArrayList<>(parts))
                .getFirst();
    }

    /** x repeated to a shape. */
    public static Tensor broadcastTo(Tensor x, Shape shape) {
        return x.shape().equals(shape) ? x : Tensor.apply(new BroadcastTo(shape), x);
    }

    // ---------------------------------------------------------------------------------------------- reductions

    /** The sum of all elements, shape (1). */
    public static Tensor sum(Tensor x) {
        return reshape(Tensor.apply(new Reduce(Kind.SUM, 0, x.shape().rank(), false), x), 1);
    }

    /** The sum over one axis. */
    public static Tensor sum(Tensor x, int axis, boolean keep) {
        return reduce(Kind.SUM, x, axis, keep);
    }

    /** The mean of all elements, shape (1). */
    public static Tensor mean(Tensor x) {
        return reshape(Tensor.apply(new Reduce(Kind.MEAN, 0, x.shape().rank(), false), x), 1);
    }

    /** The mean over one axis. */
    public static Tensor mean(Tensor x, int axis, boolean keep) {
        return reduce(Kind.MEAN, x, axis, keep);
    }

    /** The largest element along one axis. */
    public static Tensor max(Tensor x, int axis, boolean keep) {
        return reduce(Kind.MAX, x, axis, keep);
    }

    private static Tensor reduce(Kind kind, Tensor x, int axis, boolean keep) {
        int a = x.shape().axis(axis);
        return Tensor.apply(new Reduce(kind, a, a + 1, keep), x);
    }

    /** Sums away what broadcasting to x's shape had repeated: the backward of broadcasting. */
    public static Tensor sumTo(Tensor x, Shape target) {
        int extra = x.shape().rank() - target.rank();
        Tensor sum = extra == 0 ? x : Tensor.apply(new Reduce(Kind.SUM, 0, extra, false), x);
        for (int axis = 0; axis < target.rank(); axis++) {
            if (target.dim(axis) == 1 && sum.shape().dim(axis) != 1) {
                sum = Tensor.apply(new Reduce(Kind.SUM, axis, axis + 1, true), sum);
            }
        }
        return sum;
    }

    // ---------------------------------------------------------------------------------------------- matrices, images

    /** a b over the last two axes. */
    public static Tensor matmul(Tensor a, Tensor b) {
        return matmul(a, b, false, false);
    }

    /** op(a) op(b) over the last two axes, see {@link MatMul}. */
    public static Tensor matmul(Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        return Tensor.apply(new MatMul(transposeA, transposeB), a, b);
    }

    /** x wᵀ + bias. */
    public static Tensor linear(Tensor x, Tensor w, Tensor bias) {
        return Tensor.apply(new Linear(false), x, w, bias);
    }

    /** GELU(x wᵀ + bias) in one pass. */
    public static Tensor linearGelu(Tensor x, Tensor w, Tensor bias) {
        return Tensor.applyAll(new Linear(true), List.of(x, w, bias)).getFirst();
    }

    /** Cross-correlation of channels-last images, see {@link Convolution}. */
    public static Tensor conv2d(Tensor x, Tensor w, int stride, int padding) {
        return Tensor.apply(new Convolution.Forward(stride, padding), x, w);
    }

    /** Average pooling of channels-last images. */
    public static Tensor avgPool2d(Tensor x, int windowHeight, int windowWidth) {
        return Tensor.apply(new Pool.Forward(windowHeight, windowWidth), x);
    }

    /** Rows of a table by id. */
    public static Tensor gather(Tensor table, Tensor ids, int paddingRow) {
        return Tensor.apply(new Gather.Forward(paddingRow), table, ids);
    }

    /** Log-mel spectrograms {@code (B, 1, T, F)} in dB of waves {@code (B, N)}, see {@link LogMel}. */
    public static Tensor logMel(Tensor waves, Tensor window, Tensor weights, Tensor bands, int hop) {
        return Tensor.apply(new LogMel(hop), waves, window, weights, bands);
    }

    /** Softmax over the last axis. */
    public static Tensor softmax(Tensor x) {
        return Tensor.apply(new Softmax.Forward(false), x);
    }

    /** The logarithm of the softmax over the last axis. */
    public static Tensor logSoftmax(Tensor x) {
        return Tensor.apply(new Softmax.Forward(true), x);
    }

    // ---------------------------------------------------------------------------------------------- composed

    /** x divided by its Euclidean norm over the last axis; a row of zeros gives NaN, as in the reference. */
    public static Tensor normalize(Tensor x) {
        return div(x, sqrt(sum(square(x), -1, true)));
    }

    /**
     * The mean binary cross-entropy of logits against targets in [0, 1]: {@code -t log σ(x) - (1 - t) log σ(-x)}, shape
     * (1).
     */
    public static Tensor binaryCrossEntropy(Tensor logits, Tensor targets) {
        Tensor positive = mul(targets, logSigmoid(logits));
        Tensor negative = mul(affine(targets, -1, 1), logSigmoid(neg(logits)));
        return neg(mean(add(positive, negative)));
    }
}
