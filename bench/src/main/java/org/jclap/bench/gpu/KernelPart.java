package org.jclap.bench.gpu;

import java.util.EnumMap;
import java.util.Map;
import org.jclap.bench.BenchCase;
import org.jclap.bench.Comparison;
import org.jclap.bench.Stage;
import org.jclap.bench.Workload;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.type.DType;

/**
 * Kernels of ours in turns with those of the libraries, and all of them against the limits of the device: the rate of the
 * largest matrix product that anybody reached here, and the bandwidth of copying.
 */
final class KernelPart {
    private static final String LIBRARIES = "cuBLAS, cuDNN";
    private static final double LEAST_SECONDS = 2;

    /** Rounding of single elements to halves averages out. */
    private static final double SAME_NORM = 1e-2;

    private final Setting setting;
    private final Findings findings;
    private final Backend own;
    private final Backend libraries;
    private final DeviceTimer ownTimer;
    private final DeviceTimer libraryTimer;
    private final boolean hasLibraries;

    /** Operations in a millisecond. */
    private final Map<DType, Double> arithmetic = new EnumMap<>(DType.class);

    /** Bytes in a millisecond. */
    private double bandwidth = Double.NaN;

    private KernelPart(
            Setting setting,
            Findings findings,
            Backend own,
            DeviceTimer ownTimer,
            Backend libraries,
            DeviceTimer libraryTimer) {
        this.setting = setting;
        this.findings = findings;
        this.own = own;
        this.ownTimer = ownTimer;
        this.libraries = libraries;
        this.libraryTimer = libraryTimer;
        hasLibraries = Cuda.hasLibraries(libraries);
    }

    static void run(Setting setting, Findings findings) {
        try (var own = Cuda.openWithoutLibraries();
                var libraries = Cuda.open();
                var ownTimer = new DeviceTimer(own);
                var libraryTimer = new DeviceTimer(libraries)) {
            findings.machine(libraries);
            new KernelPart(setting, findings, own, ownTimer, libraries, libraryTimer).run();
        }
    }

    private void run() {
        if (!hasLibraries) {
            findings.note("no library of NVIDIA was found, so own kernels have no peer: 'jclap doctor' says why");
        }
        var kernels = new KernelCases(setting.sizes());
        bandwidth = kernels.copy().work().bytes() / time(kernels.copy()).ours();
        findings.add(Finding.of(findings.name("copying"), "GB/s", 1e-6 * bandwidth));
        for (var kernel : kernels.all()) {
            if (findings.secondsLeft() < LEAST_SECONDS) {
                findings.outOfTime("kernels from %s on".formatted(kernel.name()));
                return;
            }
            compare(kernel);
        }
    }

    private void compare(KernelCases.Kernel kernel) {
        try {
            var times = time(kernel);
            double fastest = Math.min(times.ours(), times.peer());
            var work = kernel.work();
            double rate = Math.max(work.flops() / fastest, arithmetic.getOrDefault(kernel.dtype(), 0.0));
            arithmetic.put(kernel.dtype(), rate);
            double limit = Math.max(work.flops() > 0 ? work.flops() / rate : 0, work.bytes() / bandwidth);
            var name = findings.name(kernel.name());
            var finding = kernel.inLibraries() && hasLibraries
                    ? Finding.of(name, times, LIBRARIES)
                    : Finding.of(name, "ms", times.ours());
            findings.add(finding.ofLimit(limit / times.ours()));
        } catch (RuntimeException e) {
            findings.fail("%s: %s".formatted(kernel.name(), e));
        }
    }

    /** Without a peer, our own time stands for both. */
    private Comparison time(KernelCases.Kernel kernel) {
        var test = new BenchCase(kernel.name(), kernel.work(), kernel.recipe());
        try (var _ = Scope.open();
                var ours = test.recipe().prepare(new Stage(own, 1, Stage.SEED))) {
            if (!kernel.inLibraries() || !hasLibraries) {
                var times = ownTimer.rounds(ours, setting.rounds());
                return Comparison.of(times, times);
            }
            try (var theirs = test.recipe().prepare(new Stage(libraries, 1, Stage.SEED))) {
                requireSameSize(kernel, ours, theirs);
                return DeviceTimer.inTurns(ownTimer, ours, libraryTimer, theirs, setting.rounds());
            }
        }
    }

    /** At sizes that no processor checks in time, the results of both have to have the same norm. */
    private void requireSameSize(KernelCases.Kernel kernel, Workload ours, Workload theirs) {
        double own = norm(ours);
        double library = norm(theirs);
        if (!(Math.abs(own - library) <= SAME_NORM * library)) {
            findings.fail("%s: results have the norm %s by own kernels, %s by libraries"
                    .formatted(kernel.name(), own, library));
        }
    }

    private static double norm(Workload work) {
        try (var _ = Scope.open()) {
            double squares = 0;
            for (var result : work.run()) {
                squares += Ops.sum(Ops.square(Ops.cast(result, DType.F32))).item();
            }
            return Math.sqrt(squares);
        }
    }
}
