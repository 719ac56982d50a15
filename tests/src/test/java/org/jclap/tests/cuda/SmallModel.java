package org.jclap.tests.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Generator;

/** Embedding, linear layers with dropout, AdamW: everything that changes from step to step comes in tensors. */
final class SmallModel implements AutoCloseable {
    private static final int WORDS = 11;
    private static final int CHANNELS = 24;

    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Tensor> moments = new ArrayList<>();

    SmallModel(Backend backend) {
        Generator random = new Generator(7);
        for (Shape shape : List.of(
                Shape.of(WORDS, CHANNELS),
                Shape.of(2 * CHANNELS, CHANNELS),
                Shape.of(2 * CHANNELS),
                Shape.of(3, 2 * CHANNELS),
                Shape.of(3))) {
            float[] values = new float[shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.uniform(-0.5, 0.5);
            }
            parameters.add(new Parameter("p" + parameters.size(), Tensor.of(backend, shape, values)));
            moments.add(Tensor.zeros(backend, shape, DType.F32).persistent());
            moments.add(Tensor.zeros(backend, shape, DType.F32).persistent());
        }
    }

    /** Ids (B), targets (B, 3), random state (2), learning rate, step and factor (3); returns the loss. */
    List<Tensor> step(List<Tensor> inputs) {
        GradTape tape = new GradTape();
        tape.watch(parameters);
        Tensor loss = tape.record(() -> {
            Tensor x = Ops.gather(value(0), inputs.get(0), -1);
            Tensor hidden = Ops.dropout(Ops.linearGelu(x, value(1), value(2)), 0.3f, 1, inputs.get(2));
            Tensor y = Ops.linear(hidden, value(3), value(4));
            return Ops.mean(Ops.square(Ops.sub(y, inputs.get(1))));
        });
        tape.backward(loss);
        List<Tensor> operands = new ArrayList<>(List.of(inputs.get(3)));
        for (int i = 0; i < parameters.size(); i++) {
            operands.add(value(i));
            operands.add(Objects.requireNonNull(parameters.get(i).grad()));
            operands.addAll(moments.subList(2 * i, 2 * i + 2));
        }
        Tensor.applyAll(new Update.Adam(0.9, 0.99, 1e-8, 0.1, true), operands);
        parameters.forEach(Parameter::zeroGrad);
        return List.of(loss);
    }

    private Tensor value(int i) {
        return parameters.get(i).value();
    }

    @Override
    public void close() {
        parameters.forEach(Parameter::close);
        moments.forEach(Tensor::close);
    }

    List<Parameter> parameters() {
        return parameters;
    }

    /** The inputs of a step. */
    static List<Tensor> inputs(Backend backend, int step, int batch) {
        Generator random = new Generator(100 + step);
        int[] ids = new int[batch];
        float[] targets = new float[batch * 3];
        for (int i = 0; i < batch; i++) {
            ids[i] = random.below(WORDS);
        }
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) random.uniform(-1, 1);
        }
        return List.of(
                Tensor.of(backend, Shape.of(batch), ids),
                Tensor.of(backend, Shape.of(batch, 3), targets),
                Tensor.of(backend, Shape.of(2), 42L, (long) step),
                Tensor.of(backend, Shape.of(3), 0.01f / step, step, 1f));
    }
}
