package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Objects;
import org.jclap.clap.curate.CurationReport;
import org.jclap.clap.curate.EmbeddingRows;
import org.jclap.clap.curate.LabelCuration;
import org.jclap.clap.curate.PairCuration;
import org.jclap.clap.curate.Selection;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.tensor.Backend;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finds pairs in unpaired audio and text. */
@Command(
        name = "curate",
        description = "Finds pairs in unpaired audio and text by the similarity of their embeddings.",
        subcommands = {
            CurateCommand.Du.class,
            CurateCommand.AudioToAudio.class,
            CurateCommand.TopK.class,
            CurateCommand.Ds.class,
            CurateCommand.Ads.class
        },
        footer = {
            "",
            "Examples:",
            "  jclap curate du --audio-emb a.npy --audio-manifest a.csv --text-emb t.npy --text-manifest t.csv"
                    + " --threshold 0.75 --out pairs.csv",
            "  jclap curate ds --label-emb l.npy --text-emb t.npy --text-manifest t.csv --threshold 0.7 --out ds.csv"
                    + " --out-emb ds.npy",
            "  jclap curate ads --audio-emb a.npy --audio-manifest a.csv --text-emb ds.npy --text-manifest ds.csv"
                    + " --threshold 0.7 --out ads.csv"
        })
final class CurateCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                Objects.requireNonNull(spec).commandLine(), "name a method: du, a2a, topk, ds or ads");
    }

    /** The options that all methods share. */
    abstract static class Method implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Mixin
        private final EngineOptions engine = new EngineOptions();

        @Option(
                names = "--text-emb",
                required = true,
                paramLabel = "T.npy",
                description = "Embeddings of the captions.")
        private Path textEmbeddings = Path.of("");

        @Option(
                names = "--text-manifest",
                required = true,
                paramLabel = "T.csv",
                description = "The captions: ID[,wav_path],caption, or a .txt with one per line.")
        private Path textManifest = Path.of("");

        @Option(names = "--out", required = true, paramLabel = "FILE.csv", description = "Where the result goes.")
        private Path out = Path.of("");

        @Option(
                names = "--report",
                paramLabel = "R.json",
                description = "Also writes counts, quantiles and histograms of the similarities.")
        private @Nullable Path report;

        @Option(names = "--json", description = "Print the summary as JSON.")
        private boolean json;

        abstract CurationReport curate(Backend backend, EmbeddingRows text, TextManifest captions, Path out);

        /** What is compared, in the plural: rows and candidates. */
        abstract String rowName();

        abstract String candidateName();

        @Override
        public void run() {
            try (var backend = engine.open()) {
                var text = EmbeddingRows.open(textEmbeddings);
                var result = curate(backend, text, TextManifest.read(textManifest), out);
                if (report != null) {
                    JsonFile.write(report, result);
                }
                print(result);
            }
        }

        private void print(CurationReport result) {
            var line = Objects.requireNonNull(spec).commandLine();
            var print = line.getOut();
            var kept = result.keptSimilarities();
            if (json) {
                var summary = new LinkedHashMap<String, Object>();
                summary.put("out", out.toString());
                summary.put("rows", result.rows());
                summary.put("candidates", result.candidates());
                summary.put("kept", result.kept());
                summary.put("rows_covered", result.rowsCovered());
                summary.put("candidates_used", result.candidatesUsed());
                summary.put("median_similarity", kept.median());
                print.println(JsonFile.text(summary));
            } else {
                print.println("kept        %d, written to %s".formatted(result.kept(), out));
                print.println("covered     %d of %d %s".formatted(result.rowsCovered(), result.rows(), rowName()));
                print.println("used        %d of %d %s"
                        .formatted(result.candidatesUsed(), result.candidates(), candidateName()));
                print.println("similarity  5 %% %s, median %s, 95 %% %s, max %s"
                        .formatted(plain(kept.q05()), plain(kept.median()), plain(kept.q95()), plain(kept.max())));
            }
            print.flush();
            if (result.warning() != null) {
                line.getErr().println("jclap: warning: " + result.warning());
            }
        }

        private static String plain(double value) {
            return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
        }
    }

    /** A method that pairs clips with captions. */
    abstract static class Pairing extends Method {
        @Option(names = "--audio-emb", required = true, paramLabel = "A.npy", description = "Embeddings of the clips.")
        private Path audioEmbeddings = Path.of("");

        @Option(
                names = "--audio-manifest",
                required = true,
                paramLabel = "A.csv",
                description = "The clips: ID,wav_path.")
        private Path audioManifest = Path.of("");

        abstract Selection selection();

        @Override
        final CurationReport curate(Backend backend, EmbeddingRows text, TextManifest captions, Path out) {
            var clips = Manifest.read(audioManifest);
            return new PairCuration(EmbeddingRows.open(audioEmbeddings), clips, text, captions)
                    .run(backend, selection(), out, ConsoleProgress.standard());
        }

        @Override
        final String rowName() {
            return "clips";
        }

        @Override
        String candidateName() {
            return "captions";
        }
    }

    /** A method that keeps every pair above a threshold, or the best few of each clip. */
    abstract static class Selecting extends Pairing {
        @ArgGroup(multiplicity = "1")
        private final Choice choice = new Choice();

        private static final class Choice {
            @Option(
                    names = "--threshold",
                    required = true,
                    paramLabel = "S",
                    converter = Values.Threshold.class,
                    description = "Keep every pair with at least this similarity, from -1 to 1.")
            private Selection.@Nullable Threshold threshold;

            @Option(
                    names = "--k",
                    required = true,
                    paramLabel = "K",
                    converter = Values.TopK.class,
                    description = "Keep the K most similar of each clip, best first.")
            private Selection.@Nullable TopK k;
        }

        @Override
        final Selection selection() {
            return choice.threshold == null ? Objects.requireNonNull(choice.k) : choice.threshold;
        }
    }

    @Command(
            name = "du",
            description = "Domain-unspecific: pairs each clip with every caption that is similar enough."
                    + " Published threshold: 0.75.",
            footer = {
                "",
                "Example:",
                "  jclap curate du --audio-emb a.npy --audio-manifest a.csv --text-emb t.npy --text-manifest t.csv"
                        + " --threshold 0.75 --out pairs.csv"
            })
    static final class Du extends Selecting {}

    @Command(
            name = "a2a",
            description = "Audio to audio: as du, but the captions are those of annotated clips; --text-emb holds the"
                    + " embeddings of their audio. Published thresholds: 0.70 to 0.875.",
            footer = {
                "",
                "Example:",
                "  jclap curate a2a --audio-emb a.npy --audio-manifest a.csv --text-emb annotated.npy --text-manifest annotated.csv"
                        + " --threshold 0.7 --out pairs.csv"
            })
    static final class AudioToAudio extends Selecting {
        @Override
        String candidateName() {
            return "annotated clips";
        }
    }

    @Command(
            name = "ads",
            description = "Domain-specific audio: pairs clips with the captions that ds has kept."
                    + " Published thresholds: 0.65 to 0.70.",
            footer = {
                "",
                "Example:",
                "  jclap curate ads --audio-emb a.npy --audio-manifest a.csv --text-emb ds.npy --text-manifest ds.csv"
                        + " --threshold 0.7 --out ads.csv"
            })
    static final class Ads extends Selecting {}

    @Command(
            name = "topk",
            description = "Pairs each clip with its K most similar captions, best first.",
            footer = {
                "",
                "Example:",
                "  jclap curate topk --audio-emb a.npy --audio-manifest a.csv --text-emb t.npy --text-manifest t.csv"
                        + " --k 5 --out pairs.csv"
            })
    static final class TopK extends Pairing {
        @Option(
                names = "--k",
                defaultValue = "5",
                paramLabel = "K",
                converter = Values.TopK.class,
                description = "How many (default: ${DEFAULT-VALUE}).")
        private Selection.TopK k = new Selection.TopK(5);

        @Override
        Selection selection() {
            return k;
        }
    }

    @Command(
            name = "ds",
            description =
                    "Domain-specific text: keeps the captions that are similar to some label of a task, with their"
                            + " audio. Published thresholds: 0.60 to 0.70.",
            footer = {
                "",
                "Example:",
                "  jclap curate ds --label-emb l.npy --text-emb t.npy --text-manifest t.csv --threshold 0.7 --out ds.csv"
                        + " --out-emb ds.npy"
            })
    static final class Ds extends Method {
        @Option(
                names = "--label-emb",
                required = true,
                paramLabel = "L.npy",
                description = "Embeddings of the labels, made with embed --text labels.txt --prompt.")
        private Path labelEmbeddings = Path.of("");

        @Option(
                names = "--threshold",
                required = true,
                paramLabel = "S",
                converter = Values.Threshold.class,
                description = "The least similarity to the nearest label, from -1 to 1.")
        private Selection.@Nullable Threshold threshold;

        @Option(
                names = "--out-emb",
                required = true,
                paramLabel = "ds.npy",
                description = "Where the embeddings of the captions that are kept go.")
        private Path outEmbeddings = Path.of("");

        @Override
        CurationReport curate(Backend backend, EmbeddingRows text, TextManifest captions, Path out) {
            return new LabelCuration(EmbeddingRows.open(labelEmbeddings), text, captions)
                    .run(backend, Objects.requireNonNull(threshold), out, outEmbeddings, ConsoleProgress.standard());
        }

        @Override
        String rowName() {
            return "captions";
        }

        @Override
        String candidateName() {
            return "labels";
        }
    }
}
