package org.jclap.bench;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jclap.autograd.GradTape;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * The contrastive loss, forward and backward, N pairs of D = 1024. The work is that of holding the N x N matrices: tiles
 * that are computed again in the backward pass are the price of not holding them.
 */
final class LossCases {
    private static final int WIDTH = 1024;
    private static final double BETA = 0.5;
    private static final float LOGIT_SCALE = (float) Math.log(1 / 0.07);

    private LossCases() {}

    static List<BenchCase> all() {
        return IntStream.of(1024, 4096)
                .boxed()
                .flatMap(n -> Stream.of(hard(n), soft(n)))
                .toList();
    }

    /** One product for the logits, one for each gradient. */
    private static BenchCase hard(int n) {
        return new BenchCase(
                "loss/hard %d".formatted(n), products(n, 3), stage -> loss(stage, ContrastiveLoss.hard(), n, null));
    }

    /** Two products more, for the similarities within each teacher. */
    private static BenchCase soft(int n) {
        return new BenchCase("loss/soft %d".formatted(n), products(n, 5), stage -> {
            var teacher = new ContrastiveLoss.Teacher(stage.unitRows(n, WIDTH), stage.unitRows(n, WIDTH));
            return loss(stage, ContrastiveLoss.soft(BETA), n, teacher);
        });
    }

    private static Work products(double n, int count) {
        return Work.flops(count * 2 * n * n * WIDTH);
    }

    private static Workload loss(Stage stage, ContrastiveLoss loss, int n, ContrastiveLoss.@Nullable Teacher teacher) {
        var audio = stage.unitRows(n, WIDTH);
        var text = stage.unitRows(n, WIDTH);
        var scale = Tensor.of(stage.backend(), Shape.of(1), LOGIT_SCALE);
        var inputs = List.of(audio, text, scale);
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
