package org.jclap.bench.gpu;

import java.util.Locale;

/** The parts of the run, the most worth knowing first. */
enum Part {
    /** Every op case against the reference, and ops of model sizes against the processor. */
    SELF_TEST(100, SelfTestPart::run),
    /** NVIDIA's checks of accesses and races. */
    SANITIZER(70, SanitizerPart::run),
    /** Steps of a small model, on the device and on the processor. */
    TRAINING(40, TrainingPart::run),
    /** Single kernels against the libraries and the bandwidth. */
    KERNELS(80, KernelPart::run),
    /** A student's training step against PyTorch. */
    STUDENT(170, StudentPart::run),
    /** The contrastive loss of large batches. */
    LOSS(60, LossPart::run),
    /** What a launch costs, one by one and replayed. */
    LAUNCH(30, LaunchPart::run),
    /** The most memory that training takes. */
    MEMORY(40, MemoryPart::run);

    private final double seconds;
    private final Body body;

    Part(double seconds, Body body) {
        this.seconds = seconds;
        this.body = body;
    }

    /** What a part does. */
    @FunctionalInterface
    interface Body {
        void run(Setting setting, Findings findings);
    }

    /** What it may take at most. */
    double seconds() {
        return seconds;
    }

    void run(Setting setting, Findings findings) {
        body.run(setting, findings);
    }

    /** Its name for people and files. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
