package org.jclap.clap.curate;

import java.nio.file.Path;
import java.util.BitSet;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.Manifest;
import org.jclap.clap.data.PairFile;
import org.jclap.clap.data.TextManifest;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.Backend;

/**
 * Gives captions to clips that have none, by similarity. Which curation it is follows from the embeddings: all captions
 * for all clips (domain-unspecific), captions near the labels of a task (audio-to-text, domain-specific), or the captions
 * of annotated clips, compared by the embeddings of their audio (audio-to-audio).
 *
 * <p>The pairs come clip by clip in the order of the audio manifest; a clip has as many rows as captions were kept.
 */
public final class PairCuration {
    /** A threshold that keeps more than half of all possible pairs selects nothing. */
    private static final double SUSPICIOUS_SHARE = 0.5;

    private final EmbeddingRows audio;
    private final Manifest clips;
    private final EmbeddingRows text;
    private final TextManifest captions;

    /** Pairs {@code clips} with {@code captions}; row {@code i} of an embedding file belongs to item {@code i}. */
    public PairCuration(EmbeddingRows audio, Manifest clips, EmbeddingRows text, TextManifest captions) {
        audio.requireRows(clips.source(), clips.items().size());
        text.requireRows(captions.source(), captions.items().size());
        EmbeddingRows.requireSameDim(audio, text);
        this.audio = audio;
        this.clips = clips;
        this.text = text;
        this.captions = captions;
    }

    /** Writes the selected pairs, as {@code ID,wav_path,caption}, to {@code out}. */
    public CurationReport run(Backend backend, Selection selection, Path out, Progress progress) {
        var tally = new Tally();
        var join = new SimilarityJoin(backend, audio, text);
        PairFile.write(
                out,
                sink -> join.run(
                        selection,
                        (row, matches) -> {
                            AudioItem clip = clips.items().get(Math.toIntExact(row));
                            for (var i = 0; i < matches.size(); i++) {
                                sink.add(
                                        clip,
                                        captions.items().get(matches.column(i)).caption());
                            }
                            tally.add(matches);
                        },
                        progress));
        return tally.report(selection);
    }

    private final class Tally {
        private final SimilarityHistogram kept = new SimilarityHistogram();
        private final SimilarityHistogram best = new SimilarityHistogram();
        private final BitSet used = new BitSet();
        private long covered;

        void add(RowMatches matches) {
            best.add(matches.best());
            covered += matches.size() > 0 ? 1 : 0;
            for (var i = 0; i < matches.size(); i++) {
                kept.add(matches.similarity(i));
                used.set(matches.column(i));
            }
        }

        CurationReport report(Selection selection) {
            var threshold = selection instanceof Selection.Threshold(float minimum) ? minimum : null;
            var k = selection instanceof Selection.TopK(int most) ? most : null;
            var warning = threshold == null
                    ? null
                    : CurationReport.warning(
                            threshold, kept.total(), audio.rows() * text.rows(), SUSPICIOUS_SHARE, best);
            return new CurationReport(
                    audio.rows(),
                    text.rows(),
                    threshold,
                    k,
                    kept.total(),
                    covered,
                    used.cardinality(),
                    kept.summary(),
                    best.summary(),
                    warning);
        }
    }
}
