package org.jclap.tensor.op;

import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/**
 * Decides about an optimizer step where the gradients are, so that the host need not wait for their norm: by which factor
 * {@link Update} multiplies them, or that it leaves everything as it is because the loss or a gradient is not finite.
 *
 * <p>Inputs, all F32: the record of the run, one number for each {@link Field}, changed in place; the learning rate {@code
 * (1)}; the sum of squares of all gradients {@code (1)}; the loss {@code (1)}; then any number of step states {@code (3)} of
 * {@link Update}, changed in place: they get the rate and the factor, and count the step if it is taken.
 *
 * <p>The norm is {@code sqrt(squares) / scale}, as the loss scale has multiplied every gradient, and the factor {@code min(1,
 * maxNorm / (norm + 1e-6)) / scale}, as PyTorch's clip_grad_norm_. The scale (arXiv 1710.03740) halves after a step that was
 * skipped, to 1 at least, and doubles after {@code interval} good ones, to 2^24 at most.
 */
public record StepControl(double maxNorm, int interval) implements Op {
    /** Keeps the quotient finite. */
    public static final double EPSILON = 1e-6;

    /** The scale below which an overflow is not its fault. */
    public static final double SMALLEST_SCALE = 1;

    /** Keeps the scaled loss itself well inside an F32. */
    public static final double LARGEST_SCALE = 0x1p24;

    /** What the record holds. */
    public enum Field {
        /** The factor on the loss before backward. */
        SCALE(0),
        /** Good steps since the scale has changed. */
        STREAK(1),
        /** Steps that were skipped. */
        SKIPPED(2),
        /** Of these, those since the last good one. */
        IN_A_ROW(3),
        /** The most that there were in a row. */
        LONGEST(4),
        /** The norm of this step's gradients, before clipping. */
        NORM(5),
        /** This step's loss. */
        LOSS(6),
        /** The sum of the losses of good steps. */
        LOSS_SUM(7),
        /** The factor on this step's gradients; NaN when it is skipped. */
        FACTOR(8);

        private final int place;

        Field(int place) {
            this.place = place;
        }

        /** Where it lies in the record. */
        public int place() {
            return place;
        }
    }

    /** The shape of the record. */
    public static Shape record() {
        return Shape.of(Field.values().length);
    }

    @Override
    public List<TensorType> infer(List<TensorType> inputs) {
        boolean fits = inputs.size() >= 4
                && inputs.stream().allMatch(type -> type.dtype() == DType.F32)
                && inputs.getFirst().shape().equals(record())
                && inputs.subList(1, 4).stream().allMatch(type -> type.shape().size() == 1)
                && inputs.subList(4, inputs.size()).stream()
                        .allMatch(type -> type.shape().equals(Update.state()));
        ShapeException.unless(
                fits,
                this,
                inputs,
                "in F32 the record, the rate (1), the sum of squares (1), the loss (1), step states (3)");
        return List.of();
    }

    @Override
    public List<Integer> mutates(int inputs) {
        return IntStream.range(0, inputs).filter(i -> i == 0 || i >= 4).boxed().toList();
    }
}
