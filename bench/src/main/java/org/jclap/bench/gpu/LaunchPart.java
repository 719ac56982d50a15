package org.jclap.bench.gpu;

import java.util.List;
import org.jclap.bench.Workload;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.type.DType;

/** What an op costs when its kernel has nothing to do, and a training step of a model whose kernels have little. */
final class LaunchPart {
    private static final double MICROS = 1e3;

    private LaunchPart() {}

    static void run(Setting setting, Findings findings) {
        try (var cuda = Cuda.open();
                var timer = new DeviceTimer(cuda)) {
            findings.machine(cuda);
            ops(setting, findings, cuda, timer);
            step(setting, findings, cuda, timer);
        }
    }

    private static void ops(Setting setting, Findings findings, Backend cuda, DeviceTimer timer) {
        try (var _ = Scope.open()) {
            var x = Cuda.uniform(cuda, DType.F32, 1);
            Workload relu = () -> List.of(Ops.relu(x));
            timer.millis(relu, setting.sizes().launches());
            double millis = timer.millis(relu, setting.sizes().launches());
            findings.add(Finding.of(findings.name("an op on one element"), "us", MICROS * millis)
                    .noting("allocation, launch and release, %d of them queued one behind another"
                            .formatted(setting.sizes().launches())));
        }
    }

    /** Where the backend cannot record, both sides are the same. */
    private static void step(Setting setting, Findings findings, Backend cuda, DeviceTimer timer) {
        var sizes = Sizes.SMALL;
        try (var replayed = new StudentStep(cuda, sizes, sizes.batch(), DType.F32, true);
                var eager = new StudentStep(cuda, sizes, sizes.batch(), DType.F32, false)) {
            var times = DeviceTimer.inTurns(timer, replayed, timer, eager, setting.rounds());
            var name = findings.name("a training step of a very small model, replayed as a graph");
            findings.add(Finding.of(name, times, "the same step op by op"));
        }
    }
}
