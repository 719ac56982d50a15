package org.jclap.clap.data;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * A list of audio files, with captions where they are pairs.
 *
 * <p>An id may occur in several rows, one for each caption of a clip, but always with the same audio file: an id stands
 * for one clip wherever it is used.
 *
 * @param source the file or folder that was read
 * @param items the rows, in the order of the file
 */
public record Manifest(Path source, List<AudioItem> items) {
    private static final List<String> COLUMNS = List.of("ID", "wav_path");
    private static final String CAPTION = "caption";

    public Manifest {
        items = List.copyOf(items);
    }

    /**
     * Reads a manifest. Relative paths are resolved against the folder of the file; audio files are not opened.
     *
     * <ul>
     *   <li>{@code .csv} (or any other name): header {@code ID,wav_path[,caption]}, further columns are ignored;
     *   <li>{@code .tsv}: no header, {@code path TAB captions}; several captions in one quoted cell, one per line,
     *     become one row each; the path as written is the id. An absolute path that does not exist is looked for below
     *     the folder of the file;
     *   <li>a folder: all audio files below it, sorted, with the path below the folder as id.
     * </ul>
     *
     * @throws UserException naming file, line and column
     */
    public static Manifest read(Path source) {
        List<AudioItem> items;
        if (Files.isDirectory(source)) {
            items = AudioFolder.list(source).stream()
                    .map(file -> new AudioItem(slashes(source.relativize(file)), file, null))
                    .toList();
            if (items.isEmpty()) {
                throw new UserException("there are no audio files below " + source);
            }
        } else {
            items = source.toString().toLowerCase(Locale.ROOT).endsWith(".tsv") ? readTabs(source) : readCommas(source);
            if (items.isEmpty()) {
                throw new UserException(source + " holds no rows");
            }
        }
        return new Manifest(source, items);
    }

    private static List<AudioItem> readCommas(Path file) {
        var items = new ArrayList<AudioItem>();
        var base = AudioFolder.folderOf(file);
        var paths = new HashMap<String, Path>();
        Table.read(file, StandardCharsets.UTF_8, Table.COMMAS, COLUMNS, row -> {
            var wavPath = AudioFolder.resolve(base, row.text("wav_path"), row.place());
            items.add(new AudioItem(uniqueId(row.text("ID"), wavPath, row, paths), wavPath, row.optional(CAPTION)));
        });
        return items;
    }

    private static List<AudioItem> readTabs(Path file) {
        var items = new ArrayList<AudioItem>();
        var base = AudioFolder.folderOf(file);
        Table.forEach(file, StandardCharsets.UTF_8, Table.TABS, row -> {
            var path = row.text(0);
            var wavPath = AudioFolder.resolve(base, path, row.place());
            if (path.startsWith("/") && !Files.exists(wavPath)) {
                wavPath = AudioFolder.resolve(base, path.substring(1), row.place());
            }
            for (var caption :
                    row.text(1).lines().filter(line -> !line.isBlank()).toList()) {
                items.add(new AudioItem(path, wavPath, caption));
            }
        });
        return items;
    }

    private static String uniqueId(String id, Path wavPath, Table.Row row, Map<String, Path> paths) {
        var earlier = paths.putIfAbsent(id, wavPath);
        if (earlier != null && !earlier.equals(wavPath)) {
            throw row.error("the ID \"%s\" stands for %s already; give every audio file an ID of its own"
                    .formatted(id, earlier));
        }
        return id;
    }

    /**
     * Writes {@code ID,wav_path[,caption]} atomically; the caption column is there when any item has a caption. Audio
     * below the folder of {@code file} is written relative to it, so that the folder can be moved, other audio
     * absolute.
     */
    public static void write(Path file, List<AudioItem> items) {
        var captioned = items.stream().anyMatch(item -> item.caption() != null);
        var base = AudioFolder.folderOf(file.toAbsolutePath().normalize());
        AtomicFile.write(file, out -> {
            var writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            var printer = Table.COMMAS.print(writer);
            printer.printRecord(captioned ? List.of("ID", "wav_path", CAPTION) : COLUMNS);
            for (var item : items) {
                var path = written(base, item.wavPath());
                if (captioned) {
                    printer.printRecord(item.id(), path, item.caption());
                } else {
                    printer.printRecord(item.id(), path);
                }
            }
            printer.flush();
        });
    }

    /**
     * The captions in row order.
     *
     * @throws UserException when a row has none
     */
    public List<String> captions() {
        var captions = new ArrayList<String>(items.size());
        for (var item : items) {
            captions.add(captionOf(item));
        }
        return captions;
    }

    private String captionOf(AudioItem item) {
        var caption = item.caption();
        if (caption == null) {
            throw new UserException("%s: the item \"%s\" has no caption; expected a column \"caption\" with text"
                    .formatted(source, item.id()));
        }
        return caption;
    }

    /** The folder to which the paths of this manifest are relative. */
    Path base() {
        return Files.isDirectory(source) ? source : AudioFolder.folderOf(source);
    }

    /** {@code path} as it is stored in a file of the folder {@code base}: relative where it lies below. */
    static String written(Path base, Path path) {
        var absolute = path.toAbsolutePath().normalize();
        return slashes(absolute.startsWith(base) ? base.relativize(absolute) : absolute);
    }

    private static String slashes(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }
}
