package org.jclap.clap.leakage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.clap.data.AudioItem;
import org.jclap.clap.data.CaptionLayout;
import org.jclap.clap.data.ClassificationLayout;
import org.jclap.clap.data.ClassificationSet;
import org.jclap.clap.data.Manifest;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A set of either kind as the audit sees it.
 *
 * @param source as it was named
 * @param classes class names as words; empty for a captioned set
 * @param clips the clips
 */
public record AuditedSet(String source, List<String> classes, List<Clip> clips) {
    public AuditedSet {
        classes = List.copyOf(classes);
        clips = List.copyOf(clips);
    }

    /** What a set is for: one that can be read in two ways is read as captions for training, else as classes. */
    public enum Use {
        /** Captions count. */
        TRAINING,
        /** Classes count. */
        EVALUATION
    }

    /**
     * One clip.
     *
     * @param captions what it is described as; empty for a labelled clip or unpaired audio
     * @param labels class names as words
     * @param recording where it was cut from, with its origin, such as {@code freesound:12345}; null when unknown
     */
    public record Clip(
            String id,
            Path path,
            List<String> captions,
            List<String> labels,
            @Nullable String recording) {}

    /**
     * Reads a published set, {@code layout:folder}, or else a manifest {@code ID,wav_path[,caption]} or folder.
     *
     * @param split of a captioned set; null for the one for training
     */
    public static AuditedSet read(String source, Use use, @Nullable String split) {
        var colon = source.indexOf(':');
        var name = colon < 0 ? "" : source.substring(0, colon);
        var path = Path.of(source.substring(colon + 1));
        var captioned = layout(CaptionLayout.values(), name);
        var labelled = layout(ClassificationLayout.values(), name);
        if (captioned != null && (use == Use.TRAINING || labelled == null || split != null)) {
            return captions(source, captioned, path, split);
        }
        if (split != null) {
            throw new UserException(source + " has no splits; leave out '" + split + "'");
        }
        return labelled == null ? of(source, Manifest.read(Path.of(source))) : of(source, labelled.read(path));
    }

    private static <E extends Enum<E>> @Nullable E layout(E[] layouts, String name) {
        return Arrays.stream(layouts)
                .filter(layout -> layout.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElse(null);
    }

    private static AuditedSet captions(String source, CaptionLayout layout, Path path, @Nullable String split) {
        var set = layout.read(path, split == null ? layout.trainingSplit() : split);
        var clips = set.clips().stream()
                .map(clip -> new Clip(clip.id(), clip.path(), clip.captions(), List.of(), clip.recording()))
                .toList();
        return new AuditedSet(source, List.of(), clips);
    }

    private static AuditedSet of(String source, ClassificationSet set) {
        var clips = set.clips().stream()
                .map(clip -> new Clip(
                        clip.id(),
                        clip.path(),
                        List.of(),
                        clip.labels().stream().map(set.classes()::get).toList(),
                        clip.recording()))
                .toList();
        return new AuditedSet(source, set.classes(), clips);
    }

    /** The rows of a manifest, one clip for each id; manifests do not tell recordings. */
    private static AuditedSet of(String source, Manifest manifest) {
        Map<String, Clip> clips = new LinkedHashMap<>();
        for (AudioItem item : manifest.items()) {
            var caption = item.caption();
            var captions = caption == null ? List.<String>of() : List.of(caption);
            clips.merge(item.id(), new Clip(item.id(), item.wavPath(), captions, List.of(), null), AuditedSet::join);
        }
        return new AuditedSet(source, List.of(), List.copyOf(clips.values()));
    }

    private static Clip join(Clip a, Clip b) {
        var captions = new ArrayList<>(a.captions());
        captions.addAll(b.captions());
        return new Clip(a.id(), a.path(), captions, a.labels(), a.recording());
    }
}
