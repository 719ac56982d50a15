package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Objects;
import org.jclap.autograd.GradTape;
import org.jclap.autograd.Parameter;
import org.jclap.models.bert.Bert;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jclap.tests.kit.AvailableBackends;
import org.jclap.tests.kit.Golden;
import org.jclap.tests.kit.Tolerance;
import org.junit.jupiter.api.Test;

/** CNN14 and BERT at the published sizes against PyTorch, on the fastest backend of this machine. */
final class GoldenFullSizeTest {
    /** Up to 12 transformer layers or 12 convolutions of up to 18,432 terms in F32 on both sides. */
    private static final Tolerance OUTPUT = Tolerance.relative(1e-3);

    /** A norm over a whole parameter: errors average out, a wrong term does not. */
    private static final double NORM = 0.01;

    private static final String AUDIO = "audio_encoder.base.";
    private static final String TEXT = "caption_encoder.base.";

    private final Safetensors golden = Golden.open("full_size");
    private final String salt = Objects.requireNonNull(golden.metadata().get("salt"));

    @Test
    void cnn14() {
        try (Backend backend = fastest();
                Weights weights = new Weights(backend, 1)) {
            Cnn14 model = new Cnn14(weights, Cnn14Config.base());
            fill(weights, AUDIO);
            try (Scope _ = Scope.open()) {
                Cnn14.Output output = model.forward(golden.load(backend, "in.logmel"), Pass.evaluation());
                check("cnn14.eval.embedding", output.embedding());
                check("cnn14.eval.clipwise", Ops.sigmoid(output.logits()));
            }
            try (Scope _ = Scope.open()) {
                trainCnn14(model, weights, backend);
            }
        }
    }

    private void trainCnn14(Cnn14 model, Weights weights, Backend backend) {
        Tensor logMel = golden.load(backend, "in.logmel");
        GradTape tape = new GradTape();
        tape.watch(weights.parameters());
        PyTorchBatchNorm quirk = new PyTorchBatchNorm(tape);
        Tensor loss = quirk.record(() -> {
            Tensor embedding =
                    model.forward(logMel, Pass.trainingWithoutDropout()).embedding();
            check("cnn14.train.embedding", embedding);
            return projected(embedding, "full.ge");
        });
        tape.backward(loss);
        Parameter scale = parameter(weights, "bn0.weight");
        Parameter shift = parameter(weights, "bn0.bias");
        if (quirk.explainsNorm(Golden.doubles(golden, "cnn14.grad.bn0.bias.stats")[1], shift)) {
            quirk.imitate(scale, shift);
        }
        checkGradients(weights, "cnn14.grad.");
    }

    @Test
    void bert() {
        try (Backend backend = fastest();
                Weights weights = new Weights(backend, 1);
                Scope _ = Scope.open()) {
            Bert model = new Bert(weights, BertConfig.base());
            fill(weights, TEXT);
            Tensor ids = Ops.cast(golden.load(backend, "bert.ids"), DType.I32);
            Tensor mask = Ops.cast(golden.load(backend, "bert.mask"), DType.F32);
            Tensor types = Tensor.zeros(backend, ids.shape(), DType.I32);
            GradTape tape = new GradTape();
            tape.watch(weights.parameters());
            Tensor loss = tape.record(() -> {
                Tensor cls = Ops.select(model.forward(ids, types, mask, Pass.trainingWithoutDropout()), 1, 0);
                check("bert.cls", cls);
                return projected(cls, "full.gt");
            });
            tape.backward(loss);
            checkGradients(weights, "bert.grad.");
        }
    }

    /** The golden gradients are those of the sum of the output times the numbers of a name. */
    private Tensor projected(Tensor output, String name) {
        float[] direction = Golden.unit(salt, name, output.size());
        return Ops.sum(Ops.mul(output, Tensor.of(output.backend(), output.shape(), direction)));
    }

    private void fill(Weights weights, String prefix) {
        weights.state().forEach((name, tensor) -> {
            if (golden.has(gradientName(prefix, name)) || name.contains("running_") || name.startsWith("fc_audioset")) {
                float[] values = Golden.fill(salt, prefix, name, tensor.shape());
                HostStorage host = HostStorage.wrap(DType.F32, values, values.length);
                tensor.backend().upload(host, 0, tensor.storage(), tensor.offset(), values.length);
            }
        });
    }

    private static String gradientName(String prefix, String name) {
        return (prefix.equals(AUDIO) ? "cnn14.grad." : "bert.grad.") + name + ".stats";
    }

    private void checkGradients(Weights weights, String prefix) {
        List<String> names =
                golden.names().stream().filter(n -> n.startsWith(prefix)).toList();
        for (String name : names) {
            if (name.endsWith(".stats")) {
                String parameter = name.substring(prefix.length(), name.length() - ".stats".length());
                checkGradient(prefix + parameter, parameter(weights, parameter));
            }
        }
    }

    private void checkGradient(String name, Parameter parameter) {
        double[] stats = Golden.doubles(golden, name + ".stats");
        double[] head = Golden.doubles(golden, name + ".head");
        double[] gradient = Objects.requireNonNull(parameter.grad(), name).toDoubles();
        double squares = 0;
        for (double g : gradient) {
            squares += g * g;
        }
        // The bias of a key has the gradient 0: what is seen is rounding, and has no digits to compare.
        if (!name.endsWith("key.bias")) {
            assertEquals(stats[1], Math.sqrt(squares), NORM * stats[1], name + " norm");
            double[] first = java.util.Arrays.copyOf(gradient, head.length);
            new Tolerance(1, NORM / 0x1p-23, stats[2]).check(name, head, first);
        }
    }

    private static Parameter parameter(Weights weights, String name) {
        return weights.parameters().stream()
                .filter(p -> p.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no parameter " + name));
    }

    private void check(String name, Tensor actual) {
        OUTPUT.check(name, Golden.doubles(golden, name), actual.toDoubles());
    }

    private static Backend fastest() {
        BackendProvider provider = AvailableBackends.providers().getFirst();
        return provider.open(0);
    }
}
