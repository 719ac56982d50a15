package org.jclap.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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
import org.jclap.tensor.type.DType;

/**
 * Mixed precision (arXiv 1710.03740): weights stay F32, and each op of a forward pass computes in the type that suits it. The
 * casts are ops of their own, so that gradients arrive at the weights in F32; backward follows the types of forward.
 *
 * <ul>
 *   <li>In {@code half}: what is bound by arithmetic, matrix products, convolutions and attention, with sums in F32; and the
 *       activations of normalisations, whose parameters and statistics are F32.
 *   <li>In F32: losses, softmax, reductions, log-mel, and functions that overflow or cancel (exponentials, roots, squares).
 *   <li>As its input comes: what moves, drops or bends elements. Of two types that meet, the wider one wins.
 * </ul>
 *
 * @param half BF16 or F16
 */
public record Autocast(DType half) {
    private static final ScopedValue<Optional<Autocast>> CURRENT = ScopedValue.newInstance();

    /** Runs {@code body} with this policy. */
    public <T> T run(Supplier<T> body) {
        return ScopedValue.where(CURRENT, Optional.of(this)).call(body::get);
    }

    /** {@code body} with the policy of now, whenever it runs. */
    public static <T> Supplier<T> bind(Supplier<T> body) {
        return CURRENT.isBound()
                ? CURRENT.get().<Supplier<T>>map(now -> () -> now.run(body)).orElse(body)
                : body;
    }

    /** The inputs of an op in the types of the policy, if there is one. */
    static List<Tensor> inputs(Op op, List<Tensor> inputs) {
        return CURRENT.isBound()
                ? CURRENT.get().map(now -> now.cast(op, inputs)).orElse(inputs)
                : inputs;
    }

    /** Runs an op; those that a backend composes it of keep their types. */
    static void compute(Backend backend, Op op, List<Tensor> inputs, List<Tensor> outputs) {
        if (CURRENT.isBound()) {
            ScopedValue.where(CURRENT, Optional.empty()).run(() -> backend.run(op, inputs, outputs));
        } else {
            backend.run(op, inputs, outputs);
        }
    }

    private List<Tensor> cast(Op op, List<Tensor> inputs) {
        return switch (op) {
            case MatMul _, Linear _, Attention.Forward _, Convolution.Forward _ -> to(half, inputs, inputs.size());
            case Convolution.Normalized _, LayerNorm.Residual _ -> to(half, inputs, 2);
            case LayerNorm.Forward _ -> to(half, inputs, 1);
            case Softmax _, Reduction.Reduce _, Contrastive _, LogMel _ -> to(DType.F32, inputs, inputs.size());
            case Unary f -> isSafe(f) ? inputs : to(DType.F32, inputs, inputs.size());
            case Binary _, Layout.Concat _ -> widest(inputs);
            case BatchNorm _,
                    LayerNorm.Backward _,
                    Attention.Backward _,
                    Convolution.BackwardInput _,
                    Convolution.BackwardWeight _,
                    Reduction.MaxBackward _,
                    Reduction.SumOfSquares _,
                    Affine _,
                    Assign _,
                    BroadcastTo _,
                    Cast _,
                    Dropout _,
                    Gather _,
                    Layout.Reshape _,
                    Layout.Permute _,
                    Layout.Slice _,
                    Layout.Pad _,
                    Pool _,
                    StepControl _,
                    Update _ -> inputs;
        };
    }

    /** Whether a function keeps the size of its argument, so that 16 bits suffice. */
    private static boolean isSafe(Unary f) {
        return switch (f) {
            case NEG, ABS, RELU, GELU, SIGMOID, TANH -> true;
            case EXP, LOG, SQRT, RECIPROCAL, SQUARE, LOG_SIGMOID -> false;
        };
    }

    private static List<Tensor> widest(List<Tensor> inputs) {
        boolean mixed = inputs.stream().map(Tensor::dtype).distinct().count() > 1;
        return mixed ? to(DType.F32, inputs, inputs.size()) : inputs;
    }

    /** Casts the floating ones among the first inputs. */
    private static List<Tensor> to(DType type, List<Tensor> inputs, int count) {
        List<Tensor> cast = new ArrayList<>(inputs);
        for (int i = 0; i < count; i++) {
            Tensor input = inputs.get(i);
            if (input.dtype().isFloating()) {
                cast.set(i, Ops.cast(input, type));
            }
        }
        return cast;
    }
}
