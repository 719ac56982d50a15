package org.jclap.clap.embed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.progress.Progress;
import org.jclap.clap.text.TokenBatch;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.clap.Clap;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;

/**
 * Audio files and captions to L2-normalised embeddings. Batches stream through: neither the audio nor the embeddings have
 * to fit into memory. The same file gives the same embedding in any list.
 */
public final class Embedder {
    private final ClapCheckpoint checkpoint;
    private final LogMel logMel;
    private final EmbedOptions options;
    private final Progress progress;

    /** Embeds with this model, which stays open. */
    public Embedder(ClapCheckpoint checkpoint, EmbedOptions options, Progress progress) {
        this.checkpoint = checkpoint;
        this.logMel = checkpoint.logMel();
        this.options = options;
        this.progress = progress;
    }

    /** Takes embeddings as they are computed, in the order of the items. */
    @FunctionalInterface
    public interface Sink {
        /**
         * Takes a batch.
         *
         * @param items the places of the items in the list that was given, ascending
         * @param rows {@code (items.length, D)}, row-major
         */
        void accept(int[] items, float[] rows);
    }

    /** The length D of an embedding. */
    public int dim() {
        return checkpoint.model().config().projection();
    }

    // ---------------------------------------------------------------------------------------------- audio

    /**
     * Embeds audio files.
     *
     * @return the files that could not be read and were left out
     * @throws UserException when a file cannot be read and bad files are not skipped, or none can be read
     */
    public List<SkippedFile> audio(List<Path> files, Sink sink) {
        List<SkippedFile> skipped = new ArrayList<>();
        try (var reader = new ClipReader(files, checkpoint, options);
                var task = progress.begin("embedding audio", "files", files.size())) {
            List<ClipReader.Clip> batch = new ArrayList<>();
            for (var read = reader.next(); read != null; read = reader.next()) {
                if (read.samples() == null) {
                    skip(files.get(read.index()), read.error(), skipped);
                } else {
                    batch.add(read);
                }
                if (batch.size() == options.batch()) {
                    flush(batch, files, sink);
                }
                task.advance(1);
            }
            if (!batch.isEmpty()) {
                flush(batch, files, sink);
            }
        }
        if (skipped.size() == files.size()) {
            throw new UserException("none of the %d audio files can be read; the first: %s"
                    .formatted(files.size(), skipped.getFirst().reason()));
        }
        return skipped;
    }

    private void skip(Path file, String reason, List<SkippedFile> skipped) {
        if (!options.skipBad()) {
            throw new UserException(reason + " (--skip-bad leaves such files out)");
        }
        skipped.add(new SkippedFile(file, reason));
    }

    private void flush(List<ClipReader.Clip> batch, List<Path> files, Sink sink) {
        var items = batch.stream().mapToInt(ClipReader.Clip::index).toArray();
        var rows = embedAudio(
                WaveBatch.of(batch.stream().map(ClipReader.Clip::samples).toList()));
        requireFinite(rows, i -> String.valueOf(files.get(items[i])));
        sink.accept(items, rows);
        batch.clear();
    }

    /** Clips of the model's length to {@code (B, D)}. */
    private float[] embedAudio(WaveBatch clips) {
        Clap model = checkpoint.model();
        return evaluate(
                () -> model.embedAudio(logMel.apply(clips.on(model.weights().backend())), Pass.evaluation()));
    }

    // ---------------------------------------------------------------------------------------------- captions

    /** Embeds captions as they are. */
    public void text(List<String> captions, Sink sink) {
        try (var task = progress.begin("embedding captions", "captions", captions.size())) {
            for (var from = 0; from < captions.size(); from += options.batch()) {
                var to = Math.min(from + options.batch(), captions.size());
                var first = from;
                var rows = embedText(checkpoint
                        .tokenizer()
                        .encode(captions.subList(from, to), checkpoint.maxLength(), WordPiece.Padding.LONGEST));
                requireFinite(rows, i -> "\"" + captions.get(first + i) + "\"");
                sink.accept(IntStream.range(from, to).toArray(), rows);
                task.advance(to - from);
            }
        }
    }

    /** Embeds captions as they are: {@code (captions, D)}, row-major. */
    public float[] text(List<String> captions) {
        var all = new float[Math.multiplyExact(captions.size(), dim())];
        text(captions, (items, rows) -> System.arraycopy(rows, 0, all, items[0] * dim(), rows.length));
        return all;
    }

    private float[] embedText(TokenBatch tokens) {
        return evaluate(() -> checkpoint.model().embedText(checkpoint.textBatch(tokens), Pass.evaluation()));
    }

    // ---------------------------------------------------------------------------------------------- both

    private static float[] evaluate(Supplier<Tensor> embedding) {
        try (var _ = Scope.open()) {
            return Tensor.noGrad(embedding).toFloats();
        }
    }

    private void requireFinite(float[] rows, IntFunction<String> name) {
        for (var i = 0; i < rows.length; i++) {
            if (!Float.isFinite(rows[i])) {
                throw new UserException(
                        "the embedding of %s is not finite: the checkpoint is damaged or its training diverged"
                                .formatted(name.apply(i / dim())));
            }
        }
    }
}
