package org.jclap.clap.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.DataFingerprint;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.TextItem;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Embedder;
import org.jclap.clap.embed.EmbeddingFile;
import org.jclap.clap.embed.Provenance;
import org.jclap.clap.embed.SkippedFile;
import org.jclap.clap.progress.ConsoleProgress;
import org.jclap.clap.text.ClassPrompt;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Audio or captions to a file of embeddings. */
@Command(
        name = "embed",
        description =
                "Writes the embeddings of audio or captions. Beside E.npy go E.csv, whose row i describes row i of"
                        + " the embeddings, and E.json, which says where they come from.",
        footer = {
            "",
            "Examples:",
            "  jclap embed --checkpoint c.safetensors --audio sounds/ --out audio.npy --dtype f16",
            "  jclap embed --checkpoint c.safetensors --text captions.csv --out text.npy",
            "  jclap embed --checkpoint c.safetensors --text labels.txt --prompt --out labels.npy"
        })
final class EmbedCommand implements Runnable {
    /** The types of an embedding file. */
    enum FileType {
        F16(DType.F16),
        F32(DType.F32);

        private final DType dtype;

        FileType(DType dtype) {
            this.dtype = dtype;
        }
    }

    private static final class Source {
        @Option(
                names = "--audio",
                required = true,
                paramLabel = "MANIFEST.csv|DIR",
                description = "Embed this audio: a manifest ID,wav_path[,caption] or a folder.")
        private @Nullable Path audio;

        @Option(
                names = "--text",
                required = true,
                paramLabel = "FILE.csv|FILE.txt",
                description = "Embed these captions: a table with a column caption, or one caption per line.")
        private @Nullable Path text;
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private final EngineOptions engine = new EngineOptions();

    @Option(names = "--checkpoint", required = true, paramLabel = "C.safetensors", description = "The model.")
    private Path checkpointFile = Path.of("");

    @ArgGroup(multiplicity = "1")
    private final Source source = new Source();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "E.npy",
            description = "Where the embeddings go: .npy or .safetensors.")
    private Path out = Path.of("");

    @Option(
            names = "--dtype",
            defaultValue = "f32",
            paramLabel = "f16|f32",
            description = "The type of the numbers (default: ${DEFAULT-VALUE}).")
    private FileType dtype = FileType.F32;

    @Option(names = "--skip-bad", description = "Leave out audio files that cannot be read, and list them in E.json.")
    private boolean skipBad;

    @Option(
            names = "--batch",
            defaultValue = "" + EmbedOptions.BATCH,
            paramLabel = "N",
            converter = Values.Positive.class,
            description = "Items that are computed at once (default: ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--crop",
            defaultValue = "centre+repeat",
            paramLabel = "NAME",
            converter = Values.CropName.class,
            description = "What becomes of clips of other lengths: random, centre or first for long ones, + repeat,"
                    + " pad-random, pad-centre or pad-end for short ones (default: ${DEFAULT-VALUE}).")
    private Crop crop = Crop.EVALUATION;

    @Option(
            names = "--prompt",
            arity = "0..1",
            fallbackValue = "this is a sound of ",
            paramLabel = "WORDS",
            description = "Take the texts as class labels and put these words before each"
                    + " (without a value: \"${FALLBACK-VALUE}\").")
    private @Nullable String prompt;

    @Option(names = "--json", description = "Print what is in E.json.")
    private boolean json;

    @Override
    public void run() {
        requireInputIsKept();
        var options =
                new EmbedOptions(crop, engine.seed(EmbedOptions.REFERENCE_SEED), batch, engine.threads(), skipBad);
        try (var backend = engine.open();
                var checkpoint = ClapCheckpoint.loadConstant(backend, checkpointFile)) {
            var embedder = new Embedder(checkpoint, options, ConsoleProgress.standard());
            Map<String, Object> record = new LinkedHashMap<>();
            record.put("embeddings", out.getFileName());
            record.put("dim", embedder.dim());
            record.put("dtype", dtype.dtype);
            try (var file = EmbeddingFile.create(out, dtype.dtype, embedder.dim())) {
                if (source.audio != null) {
                    embedAudio(source.audio, embedder, file, record);
                    record.put("seed", options.seed());
                } else {
                    embedText(Objects.requireNonNull(source.text), embedder, file, record);
                }
            }
            record.put("provenance", Provenance.of(checkpointFile, checkpoint, crop));
            record.put("device", backend.name());
            record.put("version", Main.version());
            JsonFile.write(beside(".json"), record);
            report(record);
        }
    }

    /** The manifest that was read may have the name of the one to be written: then it stays as it is, with all its rows. */
    private void requireInputIsKept() {
        var input = source.audio == null ? Objects.requireNonNull(source.text) : source.audio;
        if (describesItself(input) && (skipBad || prompt != null)) {
            throw new UserException(
                    "%s would be overwritten by the manifest of the embeddings; use another name for --out"
                            .formatted(input));
        }
    }

    private boolean describesItself(Path input) {
        return input.toAbsolutePath()
                .normalize()
                .equals(beside(".csv").toAbsolutePath().normalize());
    }

    private void embedAudio(Path audio, Embedder embedder, EmbeddingFile file, Map<String, Object> record) {
        if (prompt != null) {
            throw new UserException("--prompt is for --text");
        }
        var manifest = Manifest.read(audio);
        var runs = runs(manifest.items());
        List<AudioItem> kept = new ArrayList<>();
        var skipped = embedder.audio(
                runs.stream().map(run -> run.getFirst().wavPath()).toList(), (items, rows) -> {
                    for (var i = 0; i < items.length; i++) {
                        var row = Arrays.copyOfRange(rows, i * embedder.dim(), (i + 1) * embedder.dim());
                        for (var item : runs.get(items[i])) {
                            file.append(row);
                            kept.add(item);
                        }
                    }
                });
        if (!describesItself(audio)) {
            Manifest.write(beside(".csv"), kept);
        }
        file.commit();
        record.put("source", audio);
        record.put("data_fingerprint", DataFingerprint.of(manifest));
        record.put("items", manifest.items().size());
        record.put("rows", kept.size());
        record.put("skipped", skipped);
        complain(skipped);
    }

    /** Rows of one file that follow each other, one for each of its captions: the file is embedded once. */
    private static List<List<AudioItem>> runs(List<AudioItem> items) {
        List<List<AudioItem>> runs = new ArrayList<>();
        var from = 0;
        for (var to = 1; to <= items.size(); to++) {
            if (to == items.size()
                    || !items.get(to).wavPath().equals(items.get(from).wavPath())) {
                runs.add(items.subList(from, to));
                from = to;
            }
        }
        return runs;
    }

    private void embedText(Path text, Embedder embedder, EmbeddingFile file, Map<String, Object> record) {
        var manifest = TextManifest.read(text);
        var items = prompt == null ? manifest.items() : prompted(manifest.items(), new ClassPrompt(prompt));
        embedder.text(items.stream().map(TextItem::caption).toList(), (_, rows) -> file.append(rows));
        if (!describesItself(text)) {
            TextManifest.write(beside(".csv"), items);
        }
        file.commit();
        record.put("source", text);
        record.put("source_fingerprint", Provenance.fingerprint(text));
        record.put("items", items.size());
        record.put("rows", items.size());
        if (prompt != null) {
            record.put("prompt", prompt);
        }
    }

    private static List<TextItem> prompted(List<TextItem> labels, ClassPrompt prompt) {
        return labels.stream()
                .map(label -> new TextItem(label.id(), label.wavPath(), prompt.caption(label.caption())))
                .toList();
    }

    private void complain(List<SkippedFile> skipped) {
        if (!skipped.isEmpty()) {
            command()
                    .commandLine()
                    .getErr()
                    .println("jclap: warning: %d audio files were left out, listed in %s; the first: %s"
                            .formatted(
                                    skipped.size(),
                                    beside(".json"),
                                    skipped.getFirst().reason()));
        }
    }

    private void report(Map<String, Object> record) {
        var print = command().commandLine().getOut();
        print.println(
                json
                        ? JsonFile.text(record)
                        : "%s embeddings of %s numbers in %s, described by %s"
                                .formatted(record.get("rows"), record.get("dim"), out, beside(".csv")));
        print.flush();
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }

    private Path beside(String extension) {
        var name = String.valueOf(out.getFileName());
        var dot = name.lastIndexOf('.');
        return out.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + extension);
    }
}
