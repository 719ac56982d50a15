package org.jclap.clap.data;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * A list of captions, with the audio that they describe where it is known; row {@code i} of the embeddings belongs to
 * caption {@code i}.
 *
 * @param source the file that was read
 * @param items the rows, in the order of the file
 */
public record TextManifest(Path source, List<TextItem> items) {
    private static final String ID = "ID";
    private static final String PATH = "wav_path";
    private static final String CAPTION = "caption";

    public TextManifest {
        items = List.copyOf(items);
    }

    /**
     * Reads captions: a {@code .csv} with a column {@code caption} and, where known, {@code ID} and {@code wav_path}; a
     * {@code .txt} with one caption per line; a {@code .tsv} as {@link Manifest#read} does. A caption without an id gets
     * its row number, from 0.
     *
     * @throws UserException naming file and line, when a caption is missing
     */
    public static TextManifest read(Path file) {
        var name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".txt")) {
            var captions = Captions.read(file);
            var items = new ArrayList<TextItem>(captions.size());
            for (var caption : captions) {
                items.add(new TextItem(Integer.toString(items.size()), null, caption));
            }
            return new TextManifest(file, items);
        }
        return name.endsWith(".tsv") ? of(Manifest.read(file)) : readCommas(file);
    }

    /** The captions of a manifest of pairs. */
    public static TextManifest of(Manifest pairs) {
        var captions = pairs.captions();
        var items = new ArrayList<TextItem>(captions.size());
        for (var caption : captions) {
            var pair = pairs.items().get(items.size());
            items.add(new TextItem(pair.id(), pair.wavPath(), caption));
        }
        return new TextManifest(pairs.source(), items);
    }

    private static TextManifest readCommas(Path file) {
        var items = new ArrayList<TextItem>();
        var base = AudioFolder.folderOf(file);
        Table.read(file, StandardCharsets.UTF_8, Table.COMMAS, List.of(CAPTION), row -> {
            var id = row.optional(ID);
            var path = row.optional(PATH);
            items.add(new TextItem(
                    id == null ? Integer.toString(items.size()) : id,
                    path == null ? null : AudioFolder.resolve(base, path, row.place()),
                    row.text(CAPTION)));
        });
        if (items.isEmpty()) {
            throw new UserException(file + " holds no captions");
        }
        return new TextManifest(file, items);
    }

    /** The captions in row order. */
    public List<String> captions() {
        return items.stream().map(TextItem::caption).toList();
    }

    /** Writes {@code ID[,wav_path],caption} atomically; the paths are there when any item has one. */
    public static void write(Path file, List<TextItem> items) {
        var paired = items.stream().anyMatch(item -> item.wavPath() != null);
        var base = AudioFolder.folderOf(file.toAbsolutePath().normalize());
        AtomicFile.write(file, out -> {
            var printer = Table.COMMAS.print(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            printer.printRecord(paired ? List.of(ID, PATH, CAPTION) : List.of(ID, CAPTION));
            for (var item : items) {
                if (paired) {
                    printer.printRecord(item.id(), written(base, item.wavPath()), item.caption());
                } else {
                    printer.printRecord(item.id(), item.caption());
                }
            }
            printer.flush();
        });
    }

    private static String written(Path base, @Nullable Path path) {
        return path == null ? "" : Manifest.written(base, path);
    }
}
