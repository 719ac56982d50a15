package org.jclap.bench.gpu;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jclap.autograd.GradTape;
import org.jclap.bench.Workload;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/** The contrastive loss, forward and backward, hard and soft, as the batch grows: time, and memory next to N x N. */
final class LossPart {
    private static final String ALL_PAIRS = "logits, their log-softmax by rows and columns, and gradients, all N x N";

    /** The least that holding all pairs needs: the logits, two log-softmaxes, and the gradient of the logits. */
    private static final double MATRICES = 4;

    private static final double BETA = 0.3;

    /** Doubling N four times the work. */
    private static final double GROWTH = 20;

    private LossPart() {}

    static void run(Setting setting, Findings findings) {
        try (var cuda = Cuda.open();
                var timer = new DeviceTimer(cuda)) {
            findings.machine(cuda);
            double last = 0;
            for (int n : setting.sizes().losses()) {
                if (GROWTH * 1e-3 * last > findings.secondsLeft()) {
                    findings.outOfTime("%d rows and more".formatted(n));
                    return;
                }
                measure(findings, timer, cuda, n, setting.sizes().lossWidth(), false);
                last = measure(findings, timer, cuda, n, setting.sizes().lossWidth(), true);
            }
        }
    }

    /** Milliseconds. */
    private static double measure(Findings findings, DeviceTimer timer, Backend cuda, int n, int width, boolean soft) {
        try (var _ = Scope.open()) {
            var work = loss(cuda, n, width, soft);
            timer.millis(work, 1);
            cuda.resetPeak();
            double millis = timer.millis(work, 1);
            double peak = cuda.memory().peakBytes();
            var name = "%s %d x %d".formatted(soft ? "soft" : "hard", n, width);
            double products = soft ? 5 : 3;
            double tera = 1e-9 * products * 2 * n * n * width / millis;
            findings.add(Finding.of(findings.name(name + " forward+backward"), "ms", millis)
                    .noting("%.1f TFLOP/s of the products that holding all pairs needs".formatted(tera)));
            findings.add(Finding.of(findings.name(name + " memory"), "MiB", peak / (1 << 20))
                    .against(ALL_PAIRS, MATRICES * Float.BYTES * n * n / (1 << 20)));
            return millis;
        }
    }

    private static Workload loss(Backend cuda, int n, int width, boolean soft) {
        var audio = Cuda.unitRows(cuda, n, width);
        var text = Cuda.unitRows(cuda, n, width);
        var scale = Tensor.of(cuda, Shape.of(1), (float) Math.log(1 / 0.07));
        var inputs = List.of(audio, text, scale);
        ContrastiveLoss.@Nullable Teacher teacher =
                soft ? new ContrastiveLoss.Teacher(Cuda.unitRows(cuda, n, width), Cuda.unitRows(cuda, n, width)) : null;
        var loss = soft ? ContrastiveLoss.soft(BETA) : ContrastiveLoss.hard();
        return () -> {
            var tape = new GradTape();
            inputs.forEach(tape::watch);
            var value = tape.record(() -> loss.of(audio, text, scale, teacher));
            tape.backward(value);
            return Stream.concat(Stream.of(value), inputs.stream().map(tape::gradient))
                    .filter(Objects::nonNull)
                    .toList();
        };
    }
}
