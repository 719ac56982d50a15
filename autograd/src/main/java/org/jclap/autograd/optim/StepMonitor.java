package org.jclap.autograd.optim;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.StepControl.Field;
import org.jclap.tensor.type.DType;

/**
 * Watches over the steps of a run from the device's side: bounds the Euclidean norm of all gradients together, skips steps
 * that are not finite, scales the loss, and keeps the record of it. The host learns of it when it asks for the {@link
 * #report}, which waits for the device; steps do not.
 */
public final class StepMonitor implements AutoCloseable {
    private final StepControl control;
    private final Tensor record;
    private final Tensor scale;

    /**
     * What there is to know after some steps.
     *
     * @param scale the loss scale
     * @param streak good steps since it has changed
     * @param skipped steps that were skipped
     * @param inARow of these, those since the last good one
     * @param longest the most that there were in a row
     * @param norm the norm of the last step's gradients, before clipping
     * @param loss the last step's loss
     * @param lossSum the sum of the losses of good steps since {@link #takeLosses}
     */
    public record Report(
            double scale,
            long streak,
            long skipped,
            long inARow,
            long longest,
            double norm,
            double loss,
            double lossSum) {
        /** @throws UserException when more than {@code patience} steps in a row were skipped */
        public void requireNoMoreInARow(int patience) {
            if (longest > patience) {
                throw new UserException(
                        "training diverged: %d steps in a row were not finite (loss %s, gradient norm %s); lower the learning rate or the clipping norm, or look for broken audio"
                                .formatted(longest, loss, norm));
            }
        }
    }

    /** A monitor that clips to the norm {@code maxNorm}; infinite: not at all. */
    public StepMonitor(Backend backend, double maxNorm, LossScaler scaler) {
        control = new StepControl(maxNorm, scaler.interval());
        record = Tensor.zeros(backend, StepControl.record(), DType.F32).persistent();
        scale = field(Field.SCALE).persistent();
        Ops.fill(scale, scaler.scale());
    }

    private Tensor field(Field field) {
        return Ops.slice(record, 0, field.place(), field.place() + 1);
    }

    /** The factor on the loss, {@code (1)}: the gradient of the loss that backward starts from. */
    public Tensor lossScale() {
        return scale;
    }

    /** Decides about a step and tells it to the step states {@code (3)} of the update rule. */
    void decide(Tensor rate, List<Tensor> gradients, Tensor loss, List<Tensor> states) {
        try (Tensor squares =
                Tensor.applyAll(new Reduction.SumOfSquares(), gradients).getFirst()) {
            List<Tensor> inputs = new ArrayList<>(List.of(record, rate, squares, loss));
            inputs.addAll(states);
            Tensor.applyAll(control, inputs);
        }
    }

    /** Waits for the steps so far and tells how they went. */
    public Report report() {
        float[] values = record.toFloats();
        return new Report(
                values[Field.SCALE.place()],
                (long) values[Field.STREAK.place()],
                (long) values[Field.SKIPPED.place()],
                (long) values[Field.IN_A_ROW.place()],
                (long) values[Field.LONGEST.place()],
                values[Field.NORM.place()],
                values[Field.LOSS.place()],
                values[Field.LOSS_SUM.place()]);
    }

    /** As {@link #report}, and begins a new sum of losses. */
    public Report takeLosses() {
        Report report = report();
        put(Field.LOSS_SUM, 0);
        return report;
    }

    /** Goes on from a report of a run that was stopped. */
    public void load(Report report) {
        put(Field.SCALE, report.scale());
        put(Field.STREAK, (double) report.streak());
        put(Field.SKIPPED, (double) report.skipped());
        put(Field.IN_A_ROW, (double) report.inARow());
        put(Field.LONGEST, (double) report.longest());
    }

    private void put(Field field, double value) {
        try (Tensor place = field(field)) {
            Ops.fill(place, value);
        }
    }

    @Override
    public void close() {
        scale.close();
        record.close();
    }
}
