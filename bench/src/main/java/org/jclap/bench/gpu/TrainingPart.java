package org.jclap.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import org.jclap.bench.Stage;
import org.jclap.bench.TrainCases;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;

/** The losses of the same training steps, with the same random numbers, on the device and on the processor. */
final class TrainingPart {
    private static final int STEPS = 20;
    private static final int BATCH = 16;
    private static final int TOKENS = 32;

    /** Rounding in another order, amplified by batch normalisation and by Adam's division, step by step. */
    private static final double LIMIT = 1e-2;

    private TrainingPart() {}

    static void run(Setting setting, Findings findings) {
        List<Double> device;
        try (var cuda = Cuda.open()) {
            findings.machine(cuda);
            device = losses(cuda, setting.sizes());
        }
        List<Double> host;
        try (var processor = Backends.open("vector", Runtime.getRuntime().availableProcessors())) {
            host = losses(processor, setting.sizes());
        }
        double worst = 0;
        for (int i = 0; i < STEPS; i++) {
            worst = Math.max(worst, Math.abs(device.get(i) - host.get(i)) / Math.abs(host.get(i)));
        }
        findings.add(Finding.of(findings.name(STEPS + " steps of tiny, worst loss"), "relative difference", worst)
                .noting("loss %.5f to %.5f on the device, to %.5f on the processor"
                        .formatted(device.getFirst(), device.getLast(), host.getLast())));
        if (!(worst <= LIMIT)) {
            findings.fail("losses differ by %s, more than %s: %s on the device, %s on the processor"
                    .formatted(worst, LIMIT, device, host));
        }
    }

    private static List<Double> losses(Backend backend, Sizes sizes) {
        var config = sizes == Sizes.PUBLISHED ? tinyWithDropout() : sizes.model();
        int batch = Math.min(BATCH, sizes.batch());
        var test = TrainCases.clap("training", config, batch, sizes.frames(), Math.min(TOKENS, sizes.tokens()), true);
        var losses = new ArrayList<Double>();
        try (var _ = Scope.open();
                var work = test.recipe().prepare(new Stage(backend, 1, Stage.SEED))) {
            for (int i = 0; i < STEPS; i++) {
                try (var _ = Scope.open()) {
                    losses.add(work.run().getFirst().item());
                }
            }
        }
        return losses;
    }

    /** The preset drops nothing; with the published rates, random numbers have to agree as well. */
    private static ClapConfig tinyWithDropout() {
        var audio = Cnn14Config.tiny();
        var text = BertConfig.tiny();
        return new ClapConfig(
                new Cnn14Config(audio.channels(), audio.embedding(), audio.classes(), audio.mels(), audio.window()),
                new BertConfig(
                        text.vocabulary(),
                        text.positions(),
                        text.layers(),
                        text.hidden(),
                        text.heads(),
                        text.intermediate(),
                        BertConfig.base().dropout(),
                        false),
                ClapConfig.tiny().projection());
    }
}
