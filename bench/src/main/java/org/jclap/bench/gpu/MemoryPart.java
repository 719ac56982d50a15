package org.jclap.bench.gpu;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.UserException;

/** The most memory that tensors take in a student's training step, as the batch grows. */
final class MemoryPart {
    private MemoryPart() {}

    static void run(Setting setting, Findings findings) {
        int full = setting.sizes().batch();
        for (int batch : List.of(full / 4, full / 2, full, 2 * full)) {
            try (var cuda = Cuda.open()) {
                findings.machine(cuda);
                measure(cuda, setting.sizes(), batch, findings);
            } catch (UserException e) {
                findings.note("batch %d: %s".formatted(batch, e.getMessage()));
                return;
            }
        }
    }

    private static void measure(Backend cuda, Sizes sizes, int batch, Findings findings) {
        try (var step = new StudentStep(cuda, sizes, batch, false)) {
            for (int i = 0; i < 2; i++) {
                cuda.resetPeak();
                try (var _ = Scope.open()) {
                    step.run().getFirst().item();
                }
            }
            var memory = cuda.memory();
            findings.add(Finding.of(findings.name("student step, batch " + batch), "MiB", mebibytes(memory.peakBytes()))
                    .noting("of which %.0f MiB are models, optimizer and batch"
                            .formatted(mebibytes(memory.liveBytes()))));
        }
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
