package org.jclap.clap.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jclap.tensor.UserException;

/** Finds audio files and the folders of published data sets. */
final class AudioFolder {
    private static final Set<String> EXTENSIONS =
            Set.of("wav", "flac", "mp3", "ogg", "opus", "m4a", "aac", "aif", "aiff", "wma", "webm", "mp4");

    private AudioFolder() {}

    /** All audio files below {@code folder}, sorted by path; links are followed. */
    static List<Path> list(Path folder) {
        try (var files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> EXTENSIONS.contains(extension(file)) && Files.isRegularFile(file))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            throw new UserException("cannot list the audio files of " + folder + ": " + e.getMessage(), e);
        }
    }

    /**
     * All audio files below {@code folder} by name, for sets of YouTube excerpts, which everyone downloads into folders
     * and formats of their own.
     */
    static Map<String, Path> byStem(Path folder) {
        var files = new HashMap<String, Path>();
        list(folder).forEach(file -> files.putIfAbsent(stem(file), file));
        return files;
    }

    /** The file name without its extension. */
    static String stem(Path file) {
        var name = String.valueOf(file.getFileName());
        var dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static String extension(Path file) {
        var name = String.valueOf(file.getFileName());
        var dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(dot + 1).toLowerCase(Locale.ROOT) : "";
    }

    /**
     * The first of {@code candidates} below {@code root} that exists.
     *
     * @throws UserException naming all places that were looked at
     */
    static Path find(Path root, String... candidates) {
        for (var candidate : candidates) {
            var path = root.resolve(candidate);
            if (Files.exists(path)) {
                return path;
            }
        }
        throw new UserException("cannot find %s in %s; give the folder of the data set as it was published"
                .formatted(String.join(" or ", candidates), root));
    }

    /** {@code path} resolved against {@code base}; {@code place} says where it was written. */
    static Path resolve(Path base, String path, String place) {
        try {
            return base.resolve(path).normalize();
        } catch (InvalidPathException e) {
            throw new UserException("%s: \"%s\" is not a path: %s".formatted(place, e.getInput(), e.getReason()));
        }
    }

    /** The folder that holds {@code file}. */
    static Path folderOf(Path file) {
        var parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }
}
