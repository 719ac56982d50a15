package org.jclap.models.clap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClapTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void everyPresetBuildsAndGivesUnitVectors() {
        // The published sizes are built by PublishedNamesTest; their forward pass is GoldenFullSizeTest's.
        for (String preset : List.of("tiny", "small")) {
            try (Clap model = new Clap(backend, ClapConfig.preset(preset), 1);
                    Scope _ = Scope.open()) {
                int dim = model.config().projection();
                Tensor audio = model.embedAudio(logMel(1, 32, 64), Pass.evaluation());
                Tensor text = model.embedText(text(new int[] {2, 5, 3}, new int[] {2, 3, 0}), Pass.evaluation());
                assertEquals(Shape.of(1, dim), audio.shape(), preset);
                assertEquals(Shape.of(2, dim), text.shape(), preset);
                for (float square : Ops.sum(Ops.square(text), 1, false).toFloats()) {
                    assertEquals(1, square, 1e-5, preset);
                }
                assertEquals(1, Ops.sum(Ops.square(audio)).item(), 1e-5, preset);
                assertEquals(Math.log(1 / 0.07), model.logitScale().item(), 1e-6);
            }
        }
        assertTrue(parameters(ClapConfig.tiny()) < 1_000_000);
        assertEquals(17e6, (double) parameters(ClapConfig.small()), 1e6);
    }

    @Test
    void anUnknownPresetIsAnError() {
        UserException e = assertThrows(UserException.class, () -> ClapConfig.preset("huge"));
        assertTrue(e.getMessage().contains("tiny, small, base"), e.getMessage());
    }

    @Test
    void aClosedModelHoldsNoMemory() {
        Clap model = new Clap(backend, ClapConfig.tiny(), 1);
        assertTrue(backend.memory().liveBuffers() > 0);
        model.close();
        assertEquals(0, backend.memory().liveBuffers());
    }

    @Test
    void gradientsOfTheWholeModelAreDerivatives() {
        ClapConfig config = new ClapConfig(
                new Cnn14Config(List.of(2, 3, 4, 4, 5, 6), 8, 3, 32, 64),
                new BertConfig(20, 8, 2, 8, 2, 16, 0.1, false),
                6);
        try (Clap model = new Clap(backend, config, 4)) {
            Tensor logMel = logMel(4, 40, 32).persistent();
            TextBatch text = text(
                    new int[] {2, 5, 6, 3}, new int[] {2, 9, 3, 0}, new int[] {2, 7, 8, 3}, new int[] {2, 3, 0, 0});
            Tensor random = Tensor.of(backend, Shape.of(2), 1L, 2L);
            List<Parameter> parameters = model.weights().parameters();
            // The start's biases are zero and put whole channels on the kink of ReLU; a derivative is sought elsewhere.
            perturb(parameters, new SplittableRandom(11));
            gradients(model, logMel, text, random);
            List<float[]> gradients =
                    parameters.stream().map(ClapTest::gradient).toList();
            for (int seed = 0; seed < 5; seed++) {
                List<float[]> direction = direction(gradients, seed);
                double expected = dot(direction, gradients);
                double step = 2e-3;
                double up = lossAt(model, logMel, text, random, parameters, direction, step);
                double down = lossAt(model, logMel, text, random, parameters, direction, -step);
                double actual = (up - down) / (2 * step);
                // F32: a loss is good to 1e-6, so the quotient to 5e-4, and ReLUs turn over along the way.
                assertEquals(expected, actual, 0.03 * Math.abs(expected) + 2e-3, "direction of seed " + seed);
            }
        }
    }

    private static double lossAt(
            Clap model,
            Tensor logMel,
            TextBatch text,
            Tensor random,
            List<Parameter> parameters,
            List<float[]> direction,
            double step) {
        move(parameters, direction, step);
        try (Scope _ = Scope.open()) {
            return loss(model, logMel, text, random).item();
        } finally {
            move(parameters, direction, -step);
        }
    }

    private static void gradients(Clap model, Tensor logMel, TextBatch text, Tensor random) {
        try (Scope _ = Scope.open()) {
            GradTape tape = new GradTape();
            tape.watch(model.weights().parameters());
            tape.backward(tape.record(() -> loss(model, logMel, text, random)));
        }
    }

    /** The cross-entropy of the right pairs, audio to text, and a term that reaches the tagging head. */
    private static Tensor loss(Clap model, Tensor logMel, TextBatch text, Tensor random) {
        Pass pass = Pass.training(random);
        var cnn = model.audioBase().forward(logMel, pass);
        Tensor audio = model.projectAudio(cnn.embedding(), pass);
        Tensor similarity = Ops.matmul(audio, model.embedText(text, pass), false, true);
        Tensor logits = Ops.logSoftmax(Ops.mul(similarity, Ops.exp(model.logitScale())));
        Tensor diagonal = Tensor.of(
                logMel.backend(), Shape.of(4, 4), 1f, 0f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 0f, 1f, 0f, 0f, 0f, 0f, 1f);
        Tensor contrastive = Ops.scale(Ops.sum(Ops.mul(logits, diagonal)), -0.25);
        return Ops.add(contrastive, Ops.mean(Ops.square(cnn.logits())));
    }

    private static float[] gradient(Parameter parameter) {
        Tensor gradient = parameter.grad();
        return gradient == null ? new float[parameter.value().size()] : gradient.toFloats();
    }

    /** Random signs times the size of each parameter's gradient, plus half of its direction: a derivative far from zero. */
    private static List<float[]> direction(List<float[]> gradients, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double total = Math.sqrt(dot(gradients, gradients));
        return gradients.stream()
                .map(gradient -> {
                    double norm = Math.sqrt(dot(List.of(gradient), List.of(gradient)));
                    float[] direction = new float[gradient.length];
                    for (int i = 0; i < direction.length; i++) {
                        double sign = random.nextBoolean() ? 1 : -1;
                        direction[i] = (float) (random.nextDouble() * gradient[i] / total
                                + sign * norm / total / Math.sqrt(gradient.length));
                    }
                    return direction;
                })
                .toList();
    }

    private static void perturb(List<Parameter> parameters, SplittableRandom random) {
        for (Parameter parameter : parameters) {
            HostStorage values = parameter.value().toHost();
            for (int i = 0; i < values.length(); i++) {
                values.set(i, values.get(i) + 0.1 * (2 * random.nextDouble() - 1));
            }
            upload(parameter, values);
        }
    }

    private static void move(List<Parameter> parameters, List<float[]> direction, double step) {
        for (int p = 0; p < parameters.size(); p++) {
            HostStorage values = parameters.get(p).value().toHost();
            for (int i = 0; i < values.length(); i++) {
                values.floats()[i] += (float) (step * direction.get(p)[i]);
            }
            upload(parameters.get(p), values);
        }
    }

    private static void upload(Parameter parameter, HostStorage values) {
        Tensor value = parameter.value();
        value.backend().upload(values, 0, value.storage(), value.offset(), values.length());
    }

    private static double dot(List<float[]> a, List<float[]> b) {
        double sum = 0;
        for (int p = 0; p < a.size(); p++) {
            for (int i = 0; i < a.get(p).length; i++) {
                sum += (double) a.get(p)[i] * b.get(p)[i];
            }
        }
        return sum;
    }

    private long parameters(ClapConfig config) {
        try (Clap model = new Clap(backend, config, 1)) {
            return model.weights().parameterCount();
        }
    }

    private Tensor logMel(int batch, int frames, int mels) {
        SplittableRandom random = new SplittableRandom(batch);
        float[] values = new float[batch * frames * mels];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-60, -20);
        }
        return Tensor.of(backend, Shape.of(batch, 1, frames, mels), values);
    }

    private TextBatch text(int[]... rows) {
        int length = rows[0].length;
        int[] ids = new int[rows.length * length];
        float[] mask = new float[ids.length];
        Arrays.setAll(ids, i -> rows[i / length][i % length]);
        for (int i = 0; i < ids.length; i++) {
            mask[i] = ids[i] == 0 ? 0 : 1;
        }
        Shape shape = Shape.of(rows.length, length);
        return new TextBatch(
                Tensor.of(backend, shape, ids),
                Tensor.zeros(backend, shape, DType.I32),
                Tensor.of(backend, shape, mask));
    }
}
