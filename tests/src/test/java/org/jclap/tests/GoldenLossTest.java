package org.jclap.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.Golden;
import org.jclap.tests.kit.Tolerance;

/** The contrastive loss and its gradients against PyTorch. */
final class GoldenLossTest {
    /**
     * A mean of differences of a logit and a log-sum-exp, whose rounding errors do not shrink with the loss: a tenth of
     * them, 1e-6, is one unit in the last place of a logit of 14.
     */
    private static final Tolerance LOSS = Tolerance.relative(1e-5).atLeast(0.1);

    private static final double GRADIENT = 1e-4;

    /** One unit in the last place of 1. */
    private static final double EPSILON = 0x1p-23;

    private final Safetensors golden = Golden.open("clap_loss");

    @EveryBackend
    void hardLabels(Backend backend) {
        sizes().forEach(size -> check(size, "hard", 0, backend));
    }

    @EveryBackend
    void softLabels(Backend backend) {
        sizes().forEach(size -> check(size, "soft", 0.3, backend));
    }

    @EveryBackend
    void softLabelsPastTheClamp(Backend backend) {
        sizes().forEach(size -> check(size, "soft_sharp", 0.7, backend));
    }

    /** The prefixes {@code n4}, {@code n37}, ... of the file. */
    private Stream<String> sizes() {
        List<String> sizes = golden.names().stream()
                .filter(name -> name.endsWith(".teacher_audio"))
                .map(name -> name.substring(0, name.indexOf('.')))
                .toList();
        if (sizes.isEmpty()) {
            throw new AssertionError("no sizes in " + golden.path());
        }
        return sizes.stream();
    }

    private void check(String size, String kind, double beta, Backend backend) {
        String prefix = size + "." + kind + ".";
        try (Scope _ = Scope.open()) {
            List<Tensor> teachers = beta == 0
                    ? List.of()
                    : List.of(
                            golden.load(backend, size + ".teacher_audio"),
                            golden.load(backend, size + ".teacher_text"));
            List<Tensor> inputs = new ArrayList<>();
            for (String name : List.of("audio", "text", "logit_scale")) {
                inputs.add(golden.load(backend, prefix + name));
            }
            List<Tensor> forward = new ArrayList<>(inputs);
            forward.addAll(teachers);
            List<Tensor> results = Tensor.applyAll(new Contrastive.Forward(beta, Targets.REFERENCE, 1), forward);
            check(LOSS, prefix + "loss", results.get(0));
            inputs.add(results.get(1));
            inputs.add(Tensor.of(backend, Shape.of(1), 1f));
            inputs.addAll(teachers);
            List<Tensor> gradients = Tensor.applyAll(new Contrastive.Backward(beta, Targets.REFERENCE, 1), inputs);
            Tensor audio = inputs.getFirst();
            double scale = Math.exp(inputs.get(2).item());
            Tolerance embedding = gradient(
                    scale, audio.shape().dim(0) * Math.sqrt(audio.shape().dim(1)));
            check(embedding, prefix + "d_audio", gradients.get(0));
            check(embedding, prefix + "d_text", gradients.get(1));
            check(gradient(scale, 1), prefix + "d_logit_scale", gradients.get(2));
        }
    }

    /**
     * Where the loss is almost 0, its gradients {@code (p - t) / N} are differences of numbers near 1 / N. The exponential
     * turns one unit in the last place of a logit, itself at most e^s or the clamp, into an error of p that does not
     * shrink with them; the chain rule multiplies it by e^s, shared out over N rows of elements near 1 / sqrt(D).
     */
    private static Tolerance gradient(double scale, double share) {
        double error = EPSILON * Math.min(scale, Contrastive.MAX_LOGIT) * scale / share;
        return Tolerance.relative(GRADIENT).atLeast(error / GRADIENT);
    }

    private void check(Tolerance tolerance, String name, Tensor actual) {
        tolerance.check(name + " on " + actual.backend().name(), Golden.doubles(golden, name), actual.toDoubles());
    }
}
