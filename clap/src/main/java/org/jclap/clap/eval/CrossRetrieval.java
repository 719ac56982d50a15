package org.jclap.clap.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.Retrieval;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.clap.data.CaptionedClip;
import org.jclap.clap.data.CaptionedSet;
import org.jclap.clap.embed.EmbedOptions;
import org.jclap.clap.embed.Embedder;
import org.jclap.clap.progress.Progress;

/** Text-to-audio and audio-to-text retrieval on a captioned set, each side searched completely. */
public final class CrossRetrieval {
    private CrossRetrieval() {}

    /** Embeds a set and ranks it. Clips with the same id, as a manifest lists them, count as one with all their captions. */
    public static RetrievalResult evaluate(
            ClapCheckpoint checkpoint, CaptionedSet set, EmbedOptions options, Progress progress) {
        var embedder = new Embedder(checkpoint, options, progress);
        List<CaptionedClip> clips = new ArrayList<>();
        List<float[]> batches = new ArrayList<>();
        var merged = merged(set.clips());
        var skipped = embedder.audio(merged.stream().map(CaptionedClip::path).toList(), (items, rows) -> {
            for (var item : items) {
                clips.add(merged.get(item));
            }
            batches.add(rows);
        });
        List<String> captions = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (var i = 0; i < clips.size(); i++) {
            for (var caption : clips.get(i).captions()) {
                captions.add(caption);
                owners.add(i);
            }
        }
        var audio = new Embeddings(clips.size(), embedder.dim(), Similarities.join(batches));
        var text = new Embeddings(captions.size(), embedder.dim(), embedder.text(captions));
        var scores = Similarities.of(checkpoint.model().weights().backend(), text, audio);
        var owner = owners.stream().mapToInt(i -> i).toArray();
        var textToAudio = Retrieval.single(scores, owner);
        var audioToText = Retrieval.bestOf(transposed(scores), owner);
        return new RetrievalResult(
                clips.size(),
                captions.size(),
                textToAudio,
                audioToText,
                Retrieval.selectionScore(textToAudio, audioToText),
                skipped);
    }

    private static List<CaptionedClip> merged(List<CaptionedClip> clips) {
        var first = new LinkedHashMap<String, CaptionedClip>();
        var captions = new LinkedHashMap<String, Set<String>>();
        for (var clip : clips) {
            first.putIfAbsent(clip.id(), clip);
            captions.computeIfAbsent(clip.id(), _ -> new LinkedHashSet<>()).addAll(clip.captions());
        }
        return first.values().stream()
                .map(clip -> new CaptionedClip(
                        clip.id(),
                        clip.path(),
                        List.copyOf(captions.getOrDefault(clip.id(), Set.of())),
                        clip.recording()))
                .toList();
    }

    private static ScoreMatrix transposed(ScoreMatrix scores) {
        var values = new float[scores.values().length];
        for (var row = 0; row < scores.rows(); row++) {
            for (var column = 0; column < scores.columns(); column++) {
                values[column * scores.rows() + row] = scores.at(row, column);
            }
        }
        return new ScoreMatrix(scores.columns(), scores.rows(), values);
    }
}
