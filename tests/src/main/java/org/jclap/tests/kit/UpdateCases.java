package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Optimizer steps over several parameters of different sizes. */
final class UpdateCases {
    private static final List<Shape> PARAMETERS =
            List.of(Shape.of(13), Shape.of(1), Shape.of(0), Shape.of(), Shape.of(127, 33), Shape.of(1021));

    private UpdateCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (double decay : new double[] {0, 0.05}) {
            for (boolean decoupled : new boolean[] {false, true}) {
                Update.Adam adam = new Update.Adam(0.9, 0.999, 1e-8, decay, decoupled);
                add(adam, 1, 1, cases);
                add(adam, 1000, 0.5, cases);
            }
        }
        for (double momentum : new double[] {0, 0.9}) {
            add(new Update.Sgd(momentum, 0), 1, 1, cases);
            add(new Update.Sgd(momentum, 0.01), 7, 0.5, cases);
        }
        cases.add(OpCase.of(new Update.Sgd(0.9, 0), "no parameters", in -> List.of(in.step(0.1, 1, 1))));
        List<Shape> many = Collections.nCopies(170, Shape.of(3, 5));
        cases.add(of(new Update.Adam(0.9, 0.98, 1e-6, 0.1, true), "many parameters", 3, 1, many));
        cases.add(of(new Update.Adam(0.9, 0.999, 1e-8, 0.1, true), "skipped", 3, Double.NaN, PARAMETERS));
        cases.add(of(new Update.Sgd(0.9, 0.1), "skipped", 3, Double.POSITIVE_INFINITY, PARAMETERS));
        controls(cases);
        return cases;
    }

    /** Norms below and above the limit, under a loss scale, and steps that are not finite. */
    private static void controls(List<OpCase> cases) {
        StepControl clipped = new StepControl(5, 3);
        cases.add(control(clipped, "small norm", 1, 0, 4, 0.5));
        cases.add(control(clipped, "large norm", 1, 1, 900, 0.5));
        cases.add(control(clipped, "scaled", 1024, 0, 900 * 0x1p20, 0.5));
        cases.add(control(clipped, "the scale rises", 1024, 2, 4, 0.5));
        cases.add(control(clipped, "the scale is at its limit", 0x1p24, 2, 4, 0.5));
        cases.add(control(clipped, "overflow", 1024, 2, Double.POSITIVE_INFINITY, 0.5));
        cases.add(control(clipped, "no number", 1, 0, Double.NaN, 0.5));
        cases.add(control(clipped, "infinite loss", 256, 0, 4, Double.NEGATIVE_INFINITY));
        StepControl free = new StepControl(Double.POSITIVE_INFINITY, Integer.MAX_VALUE);
        cases.add(control(free, "no limit", 1, 0, 900, 0.5));
        cases.add(control(free, "no gradient", 1, 0, 0, 0.5));
    }

    private static OpCase control(
            StepControl op, String label, double scale, double streak, double squares, double loss) {
        return OpCase.of(
                op,
                label,
                in -> List.of(
                        in.values(DType.F32, StepControl.record(), scale, streak, 3, 2, 2, 7, 7, 0.25, 7),
                        in.values(DType.F32, Shape.of(1), 0.01),
                        in.values(DType.F32, Shape.of(1), squares),
                        in.values(DType.F32, Shape.of(1), loss),
                        in.step(7, 12, 7),
                        in.step(7, 0, 7)));
    }

    private static void add(Update op, int step, double factor, List<OpCase> cases) {
        String label = "%s, step %d, factor %s".formatted(op, step, factor);
        cases.add(of(op, label, step, factor, PARAMETERS));
    }

    private static OpCase of(Update op, String label, int step, double factor, List<Shape> parameters) {
        return OpCase.of(op, label, in -> {
            List<Tensor> inputs = new ArrayList<>();
            inputs.add(in.step(0.01, step, factor));
            for (Shape shape : parameters) {
                inputs.add(in.uniform(-1, 1, shape));
                inputs.add(in.awayFromZero(shape));
                inputs.add(in.uniform(-1, 1, shape));
                if (op.groupSize() == 4) {
                    inputs.add(in.uniform(0.1, 1, shape));
                }
            }
            return inputs;
        });
    }
}
