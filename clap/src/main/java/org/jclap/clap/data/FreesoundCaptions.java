package org.jclap.clap.data;

import java.nio.file.Path;
import java.util.List;
import org.jclap.clap.text.CaptionCleaner;
import org.jclap.tensor.UserException;

/** What the uploaders of FSD50K wrote: {@code FSD50K.metadata/SPLIT_clips_info_FSD50K.json}, keyed by clip. */
final class FreesoundCaptions {
    private FreesoundCaptions() {}

    static CaptionedSet read(Path root, String split) {
        var name = "FSD50K.metadata/" + split + "_clips_info_FSD50K.json";
        var file = AudioFolder.find(root, name, "FSD50K/" + name);
        var audio = file.resolveSibling("../FSD50K." + split + "_audio").normalize();
        var document = JsonDocument.readJson(file);
        if (!document.isObject()) {
            throw new UserException(file + " is not a JSON object; expected one entry per clip");
        }
        var clips = new CaptionedSet.Builder("FSD50K " + split);
        for (var clip : document.properties()) {
            var description = CaptionCleaner.cleanFreesound(JsonDocument.text(clip.getValue(), "description"));
            var caption = description.isEmpty()
                    ? CaptionCleaner.cleanFreesound(JsonDocument.text(clip.getValue(), "title"))
                    : description;
            clips.add(
                    "fsd50k/" + split + "/" + clip.getKey(),
                    AudioFolder.resolve(audio, clip.getKey() + ".wav", file.toString()),
                    List.of(caption),
                    "freesound:" + clip.getKey());
        }
        return clips.build(file);
    }
}
