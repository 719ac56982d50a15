package org.jclap.tests;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.Golden;
import org.jclap.tests.kit.Tolerance;

/** Twenty optimizer steps against PyTorch. */
final class GoldenOptimTest {
    private static final int STEPS = 20;

    /** Both sides round numbers of about 1 twice in each step; 1.5 units are three standard deviations. */
    private static final Tolerance TOLERANCE = new Tolerance(4 * STEPS, 1.5, 0);

    private final Safetensors golden = Golden.open("optim");

    @EveryBackend
    void adam(Backend backend) {
        check("adam", new Update.Adam(0.9, 0.999, 1e-8, 0, false), 0.01f, backend);
    }

    @EveryBackend
    void adamW(Backend backend) {
        check("adamw", new Update.Adam(0.9, 0.999, 1e-8, 0.05, true), 0.01f, backend);
    }

    @EveryBackend
    void sgdWithMomentumAndDecay(Backend backend) {
        check("sgd", new Update.Sgd(0.9, 5e-4), 0.1f, backend);
    }

    private void check(String name, Update op, float rate, Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor parameter = golden.load(backend, name + ".p0");
            List<Tensor> state = new ArrayList<>();
            for (int i = 2; i < op.groupSize(); i++) {
                state.add(Tensor.zeros(backend, parameter.shape(), DType.F32));
            }
            for (int step = 1; step <= STEPS; step++) {
                List<Tensor> inputs = new ArrayList<>();
                inputs.add(Tensor.of(backend, Shape.of(3), rate, step, 1f));
                inputs.add(parameter);
                inputs.add(golden.load(backend, "g" + (step - 1)));
                inputs.addAll(state);
                Tensor.applyAll(op, inputs);
            }
            TOLERANCE.check(
                    name + " on " + backend.name(), Golden.doubles(golden, name + ".p20"), parameter.toDoubles());
        }
    }
}
