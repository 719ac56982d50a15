package org.jclap.bench.gpu;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;

/** The most memory that tensors take in a student's training step, as the batch grows. */
final class MemoryPart {
    private MemoryPart() {}

    static void run(Setting setting, Findings findings) {
        int full = setting.sizes().batch();
        for (var compute : List.of(DType.BF16, DType.F32)) {
            for (int batch : List.of(full, 2 * full)) {
                try (var cuda = Cuda.open()) {
                    findings.machine(cuda);
                    measure(cuda, setting.sizes(), batch, compute, findings);
                } catch (UserException e) {
                    findings.note("batch %d in %s: %s".formatted(batch, compute, e.getMessage()));
                }
            }
        }
    }

    private static void measure(Backend cuda, Sizes sizes, int batch, DType compute, Findings findings) {
        try (var step = new StudentStep(cuda, sizes, batch, compute, false)) {
            for (int i = 0; i < 2; i++) {
                cuda.resetPeak();
                try (var _ = Scope.open()) {
                    step.run().getFirst().item();
                }
            }
            var memory = cuda.memory();
            findings.add(Finding.of(
                            findings.name("student step in %s, batch %d".formatted(compute, batch)),
                            "MiB",
                            mebibytes(memory.peakBytes()))
                    .noting("of which %.0f MiB are models, optimizer and batch"
                            .formatted(mebibytes(memory.liveBytes()))));
        }
    }

    private static double mebibytes(long bytes) {
        return bytes / (double) (1 << 20);
    }
}
