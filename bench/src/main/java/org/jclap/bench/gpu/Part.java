package org.jclap.bench.gpu;

import java.util.Locale;

/** The parts of the run, the most worth knowing first. */
enum Part {
    /** Every op case against the reference, and ops of model sizes against the processor. */
    SELF_TEST(100),
    /** NVIDIA's checks of accesses and races. */
    SANITIZER(70),
    /** Steps of a small model, on the device and on the processor. */
    TRAINING(40),
    /** Single kernels against the libraries and the bandwidth. */
    KERNELS(80),
    /** A student's training step against PyTorch. */
    STUDENT(170),
    /** The contrastive loss of large batches. */
    LOSS(60),
    /** What a launch costs, one by one and replayed. */
    LAUNCH(30),
    /** The most memory that training takes. */
    MEMORY(40);

    private final double seconds;

    Part(double seconds) {
        this.seconds = seconds;
    }

    /** What it may take at most. */
    double seconds() {
        return seconds;
    }

    void run(Setting setting, Findings findings) {
        switch (this) {
            case SELF_TEST -> SelfTestPart.run(setting, findings);
            case SANITIZER -> SanitizerPart.run(findings);
            case TRAINING -> TrainingPart.run(setting, findings);
            case KERNELS -> KernelPart.run(setting, findings);
            case STUDENT -> StudentPart.run(setting, findings);
            case LOSS -> LossPart.run(setting, findings);
            case LAUNCH -> LaunchPart.run(setting, findings);
            case MEMORY -> MemoryPart.run(setting, findings);
        }
    }

    /** Its name for people and files. */
    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
