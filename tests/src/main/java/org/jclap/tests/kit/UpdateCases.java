package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Update;
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
        return cases;
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
