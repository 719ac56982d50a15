package org.jclap.clap.curate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jclap.clap.data.TextItem;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.Backend;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.type.DType;

/**
 * Keeps the captions that are near some label of a task (domain-specific, text-to-text): those whose highest similarity
 * to the prompted labels reaches a threshold. A kept caption keeps its audio, and its embedding for the next step.
 */
public final class LabelCuration {
    /** A threshold that keeps nearly every caption selects nothing. */
    private static final double SUSPICIOUS_SHARE = 0.95;

    private final EmbeddingRows labels;
    private final EmbeddingRows text;
    private final TextManifest captions;

    /** Compares {@code captions} with labels; row {@code i} of {@code text} belongs to caption {@code i}. */
    public LabelCuration(EmbeddingRows labels, EmbeddingRows text, TextManifest captions) {
        text.requireRows(captions.source(), captions.items().size());
        EmbeddingRows.requireSameDim(labels, text);
        this.labels = labels;
        this.text = text;
        this.captions = captions;
    }

    /** Writes the captions that are kept to {@code out}, and their embeddings as they are to {@code outEmbeddings}. */
    public CurationReport run(
            Backend backend, Selection.Threshold threshold, Path out, Path outEmbeddings, Progress progress) {
        var kept = new SimilarityHistogram();
        var best = new SimilarityHistogram();
        var used = new BitSet();
        List<TextItem> items = new ArrayList<>();
        var dtype = text.file().dtype() == DType.F16 ? DType.F16 : DType.F32;
        try (var writer = new NpyWriter(outEmbeddings, dtype, text.dim())) {
            new SimilarityJoin(backend, text, labels)
                    .run(
                            new Selection.TopK(1),
                            (row, matches) -> {
                                best.add(matches.best());
                                if (matches.best() >= threshold.minimum()) {
                                    kept.add(matches.best());
                                    used.set(matches.column(0));
                                    items.add(captions.items().get(Math.toIntExact(row)));
                                    writer.append(text.file().floats(row, 1));
                                }
                            },
                            progress);
            TextManifest.write(out, items);
            writer.commit();
        }
        return new CurationReport(
                text.rows(),
                labels.rows(),
                threshold.minimum(),
                null,
                kept.total(),
                kept.total(),
                used.cardinality(),
                kept.summary(),
                best.summary(),
                CurationReport.warning(threshold.minimum(), kept.total(), text.rows(), SUSPICIOUS_SHARE, best));
    }
}
