package org.jclap.clap.data;

import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** MACS: {@code files: [{filename, annotations: [{annotator_id, sentence, tags}]}]}; tags are left out. */
final class MacsCaptions {
    private MacsCaptions() {}

    static CaptionedSet read(Path root) {
        var file = AudioFolder.find(root, "MACS.yaml", "MACS/MACS.yaml");
        var audio = AudioFolder.find(
                AudioFolder.folderOf(file),
                "audio",
                "TAU-urban-acoustic-scenes-2019-development/audio",
                "../TAU-urban-acoustic-scenes-2019-development/audio");
        var document = JsonDocument.readYaml(file).path("files");
        if (!document.isArray()) {
            throw new UserException(file + ": \"files\" is not a list; expected the MACS annotations as published");
        }
        var clips = new CaptionedSet.Builder("MACS");
        for (var i = 0; i < document.size(); i++) {
            var clip = document.path(i);
            var name = JsonDocument.text(clip, "filename");
            if (name.isBlank()) {
                throw new UserException("%s: entry %d of \"files\" has no filename".formatted(file, i + 1));
            }
            var captions =
                    clip.path("annotations").valueStream().map(annotation -> JsonDocument.text(annotation, "sentence"));
            var path = AudioFolder.resolve(audio, name, file.toString());
            clips.add("macs/" + name, path, CaptionLayout.distinct(captions), recording(path));
        }
        return clips.build(file);
    }

    /** TAU names are scene-city-location-segment-device; what was recorded at one location is one recording. */
    private static @Nullable String recording(Path path) {
        var stem = AudioFolder.stem(path);
        var end = stem.lastIndexOf('-', stem.lastIndexOf('-') - 1);
        return end < 0 ? null : "tau2019:" + stem.substring(0, end);
    }
}
