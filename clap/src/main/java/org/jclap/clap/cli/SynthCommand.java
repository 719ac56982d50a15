package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.synth.Corpus;
import org.jclap.clap.synth.CorpusPart;
import org.jclap.clap.synth.CorpusPlan;
import org.jclap.clap.synth.SoundBank;
import org.jclap.clap.synth.SoundClass;
import org.jclap.clap.synth.SoundClass.Origin;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Writes synthetic sounds. */
@Command(
        name = "synth",
        description = "Writes a captioned and labelled corpus of synthetic sounds in the layouts of published data"
                + " sets.",
        footer = {
            "",
            "Examples:",
            "  jclap synth --out corpus",
            "  jclap synth --out clean --sets clotho,audiocaps,unpaired --exclude esc50 --scale 0.1",
            "  jclap synth --preview crying_baby --out baby.wav"
        })
final class SynthCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--out",
            paramLabel = "DIR|FILE.wav",
            description = "The folder of the corpus, which must be empty or new; the file of --preview.")
    private @Nullable Path out;

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            defaultValue = "demo",
            description = "demo: some 4000 clips of 2 s at 16 kHz (290 MB); standard: ESC-50 at its published size and"
                    + " thousands of clips elsewhere, 5 s at 44.1 kHz (9 GB). Default: ${DEFAULT-VALUE}.")
    private Preset preset = Preset.DEMO;

    @Option(
            names = "--sets",
            split = ",",
            paramLabel = "NAME",
            description = "Only these: esc50, us8k, tut17, clotho, audiocaps, fsd50k, macs, audioset, unpaired.")
    private List<SetName> sets = List.of(SetName.values());

    @Option(
            names = "--scale",
            paramLabel = "X",
            defaultValue = "1",
            description = "Multiplies the sizes of the preset, for instance 0.1 (default: ${DEFAULT-VALUE}).")
    private double scale;

    @Option(
            names = "--exclude",
            split = ",",
            paramLabel = "NAME",
            description = "Keep the concepts of a label set (esc50, us8k, tut17) or of single classes (dog) out of all"
                    + " but the evaluation sets: a clean corpus.")
    private List<String> excluded = List.of();

    @Option(names = "--sample-rate", paramLabel = "HZ", description = "Of all clips (default: as the preset).")
    private @Nullable Integer sampleRate;

    @Option(names = "--seconds", paramLabel = "S", description = "Length of all clips (default: as the preset).")
    private @Nullable Double seconds;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Decides everything that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = Values.Positive.class,
            description = "CPU threads (default: all processors). The files do not depend on it.")
    private @Nullable Integer threads;

    @Option(names = "--force", description = "Write into a folder that is not empty.")
    private boolean force;

    @Option(names = "--list", description = "Print the classes by label set instead.")
    private boolean list;

    @Option(names = "--preview", paramLabel = "CLASS", description = "Write one clip of this class instead.")
    private @Nullable String preview;

    /** A ready-made plan. */
    enum Preset {
        /** {@link CorpusPlan#demo}. */
        DEMO,
        /** {@link CorpusPlan#standard}. */
        STANDARD;

        CorpusPlan plan() {
            return switch (this) {
                case DEMO -> CorpusPlan.demo();
                case STANDARD -> CorpusPlan.standard();
            };
        }
    }

    /** The sets as users call them; some consist of two parts. */
    enum SetName {
        ESC50,
        US8K,
        TUT17,
        CLOTHO,
        AUDIOCAPS,
        FSD50K,
        MACS,
        AUDIOSET,
        UNPAIRED;

        List<CorpusPart> parts() {
            return switch (this) {
                case ESC50 -> List.of(CorpusPart.ESC50);
                case US8K -> List.of(CorpusPart.URBANSOUND8K);
                case TUT17 -> List.of(CorpusPart.TUT17_DEVELOPMENT, CorpusPart.TUT17_EVALUATION);
                case CLOTHO -> List.of(CorpusPart.CLOTHO);
                case AUDIOCAPS -> List.of(CorpusPart.AUDIOCAPS);
                case FSD50K -> List.of(CorpusPart.FSD50K);
                case MACS -> List.of(CorpusPart.MACS);
                case AUDIOSET -> List.of(CorpusPart.AUDIOSET);
                case UNPAIRED -> List.of(CorpusPart.UNPAIRED_AUDIO, CorpusPart.UNPAIRED_CAPTIONS);
            };
        }
    }

    @Override
    public void run() {
        var print = Objects.requireNonNull(spec).commandLine().getOut();
        if (list) {
            printClasses();
        } else if (preview != null) {
            var file = target("the file of the clip, --out FILE.wav");
            var audio = plan();
            print.println(Corpus.preview(preview, file, seed, audio.sampleRate(), audio.seconds()));
        } else {
            var summary = write(plan(), target("the folder of the corpus, --out DIR"));
            print.println("%s: %d clips, %.1f minutes, %d classes"
                    .formatted(summary.folder(), summary.clips(), summary.seconds() / 60, summary.classes()));
        }
        print.flush();
    }

    private Path target(String what) {
        if (out == null) {
            throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "name " + what);
        }
        return out;
    }

    private Corpus.Summary write(CorpusPlan plan, Path folder) {
        try (var task = ConsoleProgress.standard().begin("synth", "items", plan.items())) {
            return Corpus.write(plan, folder, seed, (_, _) -> task.advance(1));
        }
    }

    private CorpusPlan plan() {
        if (!(scale > 0)) {
            throw new UserException("--scale must be positive, is " + scale);
        }
        var model = preset.plan();
        var plan = CorpusPlan.empty(
                sampleRate == null ? model.sampleRate() : sampleRate, seconds == null ? model.seconds() : seconds);
        var chosen = EnumSet.noneOf(CorpusPart.class);
        sets.forEach(set -> chosen.addAll(set.parts()));
        for (var part : chosen) {
            plan = plan.with(part, scaled(model.size(part)));
        }
        return plan.excluding(excludedConcepts())
                .withThreads(threads == null ? plan.threads() : threads)
                .withForce(force);
    }

    /** No part vanishes by scaling; a size that is too large is told by the plan. */
    private int scaled(int size) {
        return Math.clamp(Math.round(size * scale), 1, Integer.MAX_VALUE);
    }

    private Set<String> excludedConcepts() {
        var concepts = new HashSet<String>();
        for (var name : excluded) {
            for (var sound : named(name.strip())) {
                concepts.add(sound.label());
                concepts.addAll(sound.concepts());
            }
        }
        return concepts;
    }

    private static List<SoundClass> named(String name) {
        for (var origin : Origin.values()) {
            if (origin.name().equalsIgnoreCase(name)) {
                return SoundBank.classes(origin);
            }
        }
        return List.of(SoundBank.find(name));
    }

    private void printClasses() {
        var print = Objects.requireNonNull(spec).commandLine().getOut();
        for (var origin : Origin.values()) {
            var labels = SoundBank.labels(origin);
            print.println("%s: %d classes".formatted(origin.name().toLowerCase(Locale.ROOT), labels.size()));
            labels.forEach(label -> print.println("  " + label));
        }
    }
}
