package org.jclap.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.BroadcastTo;
import org.jclap.tensor.op.Cast;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.LogMel;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * How a gradient passes each op: one row an op, from the gradient dy of the first output to those of the inputs. Only what
 * is needed is computed: the first convolution has no dx, a frozen weight no dw.
 */
final class Gradients {
    private Gradients() {}

    /** One gradient an input, in order; null for inputs that need none. The list can be changed. */
    static List<@Nullable Tensor> of(Call call, Tensor dy) {
        Tensor x = call.inputs().getFirst();
        Tensor y = call.outputs().getFirst();
        return switch (call.op()) {
            case Unary op -> each(call, () -> unary(op, x, y, dy));
            case Binary op -> binary(op, call, y, dy);
            case Affine op -> each(call, () -> Ops.scale(dy, op.scale()));
            case Cast _ -> each(call, () -> Ops.cast(dy, x.dtype()));
            case Dropout op ->
                each(call, () -> Tensor.apply(op, dy, call.inputs().get(1)));
            case Layout.Reshape _ -> each(call, () -> Ops.reshape(dy, x.shape()));
            case Layout.Permute op -> each(call, () -> Ops.permute(dy, inverse(op.order())));
            case Layout.Slice op ->
                each(call, () -> Ops.pad(dy, op.axis(), op.from(), x.shape().dim(op.axis()) - op.to()));
            case Layout.Pad op ->
                each(
                        call,
                        () -> Ops.slice(
                                dy,
                                op.axis(),
                                op.before(),
                                op.before() + x.shape().dim(op.axis())));
            case Layout.Concat op -> concat(op.axis(), call, dy);
            case BroadcastTo _ -> each(call, () -> Ops.sumTo(dy, x.shape()));
            case Reduction.Reduce op -> each(call, () -> reduce(op, x, dy));
            case Reduction.SumOfSquares _ -> sumOfSquares(call, dy);
            case MatMul op -> matmul(op, call, dy);
            case Linear op -> linear(op, call, dy);
            case Convolution.Forward op -> convolution(op, call, dy);
            case Convolution.Normalized op ->
                throw none(op, "it is for inference; apply Convolution.Forward and BatchNorm.Inference instead");
            case Pool.Forward op -> each(call, () -> pool(op, x.shape(), dy));
            case Softmax.Forward op -> each(call, () -> Tensor.apply(new Softmax.Backward(op.log()), y, dy));
            case LayerNorm.Forward _ -> layerNorm(call, dy);
            case LayerNorm.Residual op -> residual(op, call, dy);
            case BatchNorm.Training op -> batchNorm(op, call, dy);
            case BatchNorm.PooledTraining op -> pooledBatchNorm(op, call, dy);
            case BatchNorm.Inference op -> frozenBatchNorm(op, call, dy);
            case Gather.Forward op ->
                each(call, () -> gather(op, x, call.inputs().get(1), dy));
            case Attention.Forward op -> attention(op, call, dy);
            case Contrastive.Forward op -> contrastive(op, call, dy);
            case LogMel op -> throw none(op, "waves are data, and nothing before it learns");
            case Assign _, StepControl _, Update _ -> throw none(call.op(), "it works in place");
            case Reduction.MaxBackward _,
                    Convolution.BackwardInput _,
                    Convolution.BackwardWeight _,
                    Pool.Backward _,
                    Softmax.Backward _,
                    LayerNorm.Backward _,
                    BatchNorm.Backward _,
                    BatchNorm.PooledBackward _,
                    Gather.Backward _,
                    Attention.Backward _,
                    Contrastive.Backward _ ->
                throw none(call.op(), "it is the backward of another op, and second derivatives are not supported");
        };
    }

    /** Rule i is evaluated if input i needs a gradient; inputs without a rule have none. */
    @SafeVarargs
    private static List<@Nullable Tensor> each(Call call, Supplier<Tensor>... rules) {
        List<@Nullable Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < call.inputs().size(); i++) {
            gradients.add(i < rules.length && call.needs().get(i) ? rules[i].get() : null);
        }
        return gradients;
    }

    /** Runs a fused backward op whose outputs are the gradients of the first inputs. */
    private static List<@Nullable Tensor> fused(Call call, Op backward, List<Tensor> inputs) {
        List<Tensor> all = Tensor.applyAll(backward, inputs);
        List<@Nullable Tensor> gradients = each(call);
        for (int i = 0; i < all.size(); i++) {
            gradients.set(i, call.needs().get(i) ? all.get(i) : null);
        }
        return gradients;
    }

    private static UnsupportedOperationException none(Op op, String reason) {
        return new UnsupportedOperationException("%s has no gradient: %s".formatted(op.label(), reason));
    }

    // ---------------------------------------------------------------------------------------------- elementwise

    private static Tensor unary(Unary op, Tensor x, Tensor y, Tensor dy) {
        return switch (op) {
            case NEG -> Ops.neg(dy);
            case ABS -> Tensor.apply(Binary.ABS_BACKWARD, x, dy);
            case EXP -> Ops.mul(dy, y);
            case LOG -> Ops.div(dy, x);
            case SQRT -> Ops.scale(Ops.div(dy, y), 0.5);
            case RECIPROCAL -> Ops.neg(Ops.mul(dy, Ops.square(y)));
            case SQUARE -> Ops.scale(Ops.mul(dy, x), 2);
            case RELU -> Tensor.apply(Binary.RELU_BACKWARD, y, dy);
            case SIGMOID -> Tensor.apply(Binary.SIGMOID_BACKWARD, y, dy);
            case TANH -> Tensor.apply(Binary.TANH_BACKWARD, y, dy);
            case GELU -> Tensor.apply(Binary.GELU_BACKWARD, x, dy);
            // The derivative is σ(-x); 1 - e^y would cancel for large x.
            case LOG_SIGMOID -> Ops.mul(dy, Ops.sigmoid(Ops.neg(x)));
        };
    }

    private static List<@Nullable Tensor> binary(Binary op, Call call, Tensor y, Tensor dy) {
        Tensor a = call.inputs().get(0);
        Tensor b = call.inputs().get(1);
        return switch (op) {
            case ADD -> each(call, () -> Ops.sumTo(dy, a.shape()), () -> Ops.sumTo(dy, b.shape()));
            case SUB -> each(call, () -> Ops.sumTo(dy, a.shape()), () -> Ops.neg(Ops.sumTo(dy, b.shape())));
            case MUL ->
                each(call, () -> Ops.sumTo(Ops.mul(dy, b), a.shape()), () -> Ops.sumTo(Ops.mul(dy, a), b.shape()));
            case DIV ->
                each(
                        call,
                        () -> Ops.sumTo(Ops.div(dy, b), a.shape()),
                        () -> Ops.neg(Ops.sumTo(Ops.div(Ops.mul(dy, y), b), b.shape())));
            case RELU_BACKWARD, SIGMOID_BACKWARD, TANH_BACKWARD, GELU_BACKWARD, ABS_BACKWARD ->
                throw none(op, "it is the backward of another op, and second derivatives are not supported");
        };
    }

    // ---------------------------------------------------------------------------------------------- layout, reductions

    private static int[] inverse(List<Integer> order) {
        return IntStream.range(0, order.size()).map(order::indexOf).toArray();
    }

    private static List<@Nullable Tensor> concat(int axis, Call call, Tensor dy) {
        List<@Nullable Tensor> gradients = each(call);
        int from = 0;
        for (int i = 0; i < call.inputs().size(); i++) {
            int to = from + call.inputs().get(i).shape().dim(axis);
            if (call.needs().get(i)) {
                gradients.set(i, Ops.slice(dy, axis, from, to));
            }
            from = to;
        }
        return gradients;
    }

    private static Tensor reduce(Reduction.Reduce op, Tensor x, Tensor dy) {
        Shape kept = x.shape();
        for (int axis = op.from(); axis < op.to(); axis++) {
            kept = kept.with(axis, 1);
        }
        return switch (op.kind()) {
            case SUM -> Ops.broadcastTo(Ops.reshape(dy, kept), x.shape());
            case MEAN -> {
                double share = 1.0 / x.shape().product(op.from(), op.to());
                yield Ops.broadcastTo(Ops.scale(Ops.reshape(dy, kept), share), x.shape());
            }
            case MAX -> Tensor.apply(new Reduction.MaxBackward(op.from(), op.to()), x, dy);
        };
    }

    private static List<@Nullable Tensor> sumOfSquares(Call call, Tensor dy) {
        List<@Nullable Tensor> gradients = each(call);
        for (int i = 0; i < call.inputs().size(); i++) {
            if (call.needs().get(i)) {
                Tensor x = call.inputs().get(i);
                gradients.set(i, Ops.reshape(Ops.mul(x, Ops.scale(dy, 2)), x.shape()));
            }
        }
        return gradients;
    }

    // ---------------------------------------------------------------------------------------------- matrices

    private static List<@Nullable Tensor> matmul(MatMul op, Call call, Tensor dy) {
        Tensor a = call.inputs().get(0);
        Tensor b = call.inputs().get(1);
        boolean shared = b.shape().rank() < a.shape().rank();
        return each(call, () -> matmulLeft(op, b, shared, dy), () -> matmulRight(op, a, b, shared, dy));
    }

    private static Tensor matmulLeft(MatMul op, Tensor b, boolean shared, Tensor dy) {
        if (!op.transposeA()) {
            return Ops.matmul(dy, b, false, !op.transposeB());
        }
        // (K, M) = op(b) dyᵀ; a matrix that every batch shares can only be the second operand.
        return shared
                ? Ops.transpose(Ops.matmul(dy, b, false, !op.transposeB()))
                : Ops.matmul(b, dy, op.transposeB(), true);
    }

    private static Tensor matmulRight(MatMul op, Tensor a, Tensor b, boolean shared, Tensor dy) {
        // The rows of all batches of an untransposed a form one tall matrix: the product sums over the batches.
        boolean tall = shared && !op.transposeA();
        Tensor left = tall ? rows(a) : a;
        Tensor d = tall ? rows(dy) : dy;
        Tensor db = op.transposeB()
                ? Ops.matmul(d, left, true, op.transposeA())
                : Ops.matmul(left, d, !op.transposeA(), false);
        return Ops.sumTo(db, b.shape());
    }

    private static List<@Nullable Tensor> linear(Linear op, Call call, Tensor dy) {
        Tensor x = call.inputs().get(0);
        Tensor w = call.inputs().get(1);
        Tensor dz = rows(
                op.gelu() ? Tensor.apply(Binary.GELU_BACKWARD, call.outputs().get(1), dy) : dy);
        return each(
                call,
                () -> Ops.reshape(Ops.matmul(dz, w), x.shape()),
                () -> Ops.matmul(dz, rows(x), true, false),
                () -> Ops.sum(dz, 0, false));
    }

    /** {@code (..., C)} as a matrix {@code (R, C)}. */
    private static Tensor rows(Tensor x) {
        Shape shape = x.shape();
        return Ops.reshape(x, shape.product(0, shape.rank() - 1), shape.last());
    }

    // ---------------------------------------------------------------------------------------------- images

    private static List<@Nullable Tensor> convolution(Convolution.Forward op, Call call, Tensor dy) {
        Tensor x = call.inputs().get(0);
        Tensor w = call.inputs().get(1);
        Shape image = x.shape();
        Shape kernel = w.shape();
        var input = new Convolution.BackwardInput(op.stride(), op.padding(), image.dim(1), image.dim(2));
        var weight = new Convolution.BackwardWeight(op.stride(), op.padding(), kernel.dim(2), kernel.dim(3));
        return each(call, () -> Tensor.apply(input, w, dy), () -> Tensor.apply(weight, x, dy));
    }

    private static Tensor pool(Pool.Forward op, Shape x, Tensor dy) {
        return Tensor.apply(new Pool.Backward(op.windowHeight(), op.windowWidth(), x.dim(1), x.dim(2)), dy);
    }

    // ---------------------------------------------------------------------------------------------- normalisation

    private static List<@Nullable Tensor> layerNorm(Call call, Tensor dy) {
        List<Tensor> in = call.inputs();
        List<Tensor> out = call.outputs();
        return fused(call, new LayerNorm.Backward(), List.of(in.get(0), in.get(1), out.get(1), out.get(2), dy));
    }

    private static List<@Nullable Tensor> residual(LayerNorm.Residual op, Call call, Tensor dy) {
        List<Tensor> in = call.inputs();
        List<Tensor> out = call.outputs();
        List<Tensor> normalised =
                Tensor.applyAll(new LayerNorm.Backward(), List.of(out.get(1), in.get(2), out.get(2), out.get(3), dy));
        Tensor ds = normalised.getFirst();
        return each(
                call,
                () -> ds,
                () -> Ops.dropout(ds, op.rate(), op.stream(), in.getLast()),
                () -> normalised.get(1),
                () -> normalised.get(2));
    }

    private static List<@Nullable Tensor> batchNorm(BatchNorm.Training op, Call call, Tensor dy) {
        List<Tensor> in = call.inputs();
        List<Tensor> out = call.outputs();
        return fused(
                call,
                new BatchNorm.Backward(op.relu()),
                List.of(in.get(0), in.get(1), out.get(1), out.get(2), out.get(0), dy));
    }

    private static List<@Nullable Tensor> pooledBatchNorm(BatchNorm.PooledTraining op, Call call, Tensor dy) {
        List<Tensor> in = call.inputs();
        List<Tensor> out = call.outputs();
        return fused(
                call,
                new BatchNorm.PooledBackward(op.windowHeight(), op.windowWidth()),
                List.of(in.get(0), in.get(1), in.get(2), out.get(1), out.get(2), dy));
    }

    /** With frozen statistics the op is an affine map of each channel; it is computed in the type of the parameters. */
    private static List<@Nullable Tensor> frozenBatchNorm(BatchNorm.Inference op, Call call, Tensor dy) {
        List<Tensor> in = call.inputs();
        Tensor w = in.get(1);
        Tensor x = Ops.cast(in.get(0), w.dtype());
        Tensor dz = Ops.cast(
                op.relu() ? Tensor.apply(Binary.RELU_BACKWARD, call.outputs().getFirst(), dy) : dy, w.dtype());
        Tensor rstd = Ops.reciprocal(Ops.sqrt(Ops.affine(in.get(4), 1, op.eps())));
        return each(
                call,
                () -> Ops.cast(Ops.mul(dz, Ops.mul(w, rstd)), in.get(0).dtype()),
                () -> Ops.mul(Ops.sumTo(Ops.mul(dz, Ops.sub(x, in.get(3))), w.shape()), rstd),
                () -> Ops.sumTo(dz, w.shape()));
    }

    // ---------------------------------------------------------------------------------------------- text, loss

    private static Tensor gather(Gather.Forward op, Tensor table, Tensor ids, Tensor dy) {
        return Tensor.apply(new Gather.Backward(table.shape().dim(0), op.paddingRow()), ids, dy);
    }

    private static List<@Nullable Tensor> attention(Attention.Forward op, Call call, Tensor dy) {
        List<Tensor> inputs = new ArrayList<>(call.inputs().subList(0, 4));
        inputs.addAll(call.outputs());
        inputs.add(dy);
        inputs.addAll(call.inputs().subList(4, call.inputs().size()));
        return fused(call, new Attention.Backward(op.heads(), op.rate(), op.stream()), inputs);
    }

    private static List<@Nullable Tensor> contrastive(Contrastive.Forward op, Call call, Tensor dy) {
        List<Tensor> inputs = new ArrayList<>(call.inputs().subList(0, 3));
        inputs.add(call.outputs().get(1));
        inputs.add(dy);
        inputs.addAll(call.inputs().subList(3, call.inputs().size()));
        return fused(call, new Contrastive.Backward(op.beta(), op.targets(), op.temperature()), inputs);
    }
}
