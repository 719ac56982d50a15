package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.StepControl.Field;

/** The decision about an optimizer step. */
final class StepControlReference {
    private StepControlReference() {}

    static void decide(StepControl op, List<Tensor> in) {
        Elements record = Elements.of(in.getFirst());
        double rate = Elements.of(in.get(1)).get(0);
        double squares = Elements.of(in.get(2)).get(0);
        double loss = Elements.of(in.get(3)).get(0);
        double scale = record.get(Field.SCALE.place());
        double norm = Math.sqrt(squares) / scale;
        boolean finite = Double.isFinite(norm) && Double.isFinite(loss);
        double factor = finite ? Math.min(1, op.maxNorm() / (norm + StepControl.EPSILON)) / scale : Double.NaN;
        record.set(Field.NORM.place(), norm);
        record.set(Field.LOSS.place(), loss);
        record.set(Field.FACTOR.place(), factor);
        if (finite) {
            take(op, record, scale, loss);
        } else {
            skip(record, scale);
        }
        for (Tensor state : in.subList(4, in.size())) {
            Elements step = Elements.of(state);
            step.set(0, rate);
            step.set(1, step.get(1) + (finite ? 1 : 0));
            step.set(2, factor);
        }
    }

    private static void take(StepControl op, Elements record, double scale, double loss) {
        double streak = record.get(Field.STREAK.place()) + 1;
        boolean rises = streak >= op.interval();
        record.set(Field.STREAK.place(), rises ? 0 : streak);
        record.set(Field.SCALE.place(), rises ? Math.min(scale * 2, StepControl.LARGEST_SCALE) : scale);
        record.set(Field.IN_A_ROW.place(), 0);
        record.set(Field.LOSS_SUM.place(), record.get(Field.LOSS_SUM.place()) + loss);
    }

    private static void skip(Elements record, double scale) {
        double inARow = record.get(Field.IN_A_ROW.place()) + 1;
        record.set(Field.SKIPPED.place(), record.get(Field.SKIPPED.place()) + 1);
        record.set(Field.IN_A_ROW.place(), inARow);
        record.set(Field.LONGEST.place(), Math.max(inARow, record.get(Field.LONGEST.place())));
        record.set(Field.STREAK.place(), 0);
        record.set(Field.SCALE.place(), Math.max(scale / 2, StepControl.SMALLEST_SCALE));
    }
}
