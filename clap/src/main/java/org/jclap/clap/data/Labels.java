package org.jclap.clap.data;

import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * Class names of embedded clips: row {@code i} belongs to embedding {@code i}.
 *
 * @param ids clip ids
 * @param classNames class of each clip
 */
public record Labels(List<String> ids, List<String> classNames) {
    private static final List<String> COLUMNS = List.of("ID", "class_name");

    public Labels {
        ids = List.copyOf(ids);
        classNames = List.copyOf(classNames);
        if (ids.size() != classNames.size()) {
            throw new IllegalArgumentException(ids.size() + " ids for " + classNames.size() + " class names");
        }
    }

    /**
     * Reads {@code ID,class_name}; further columns are ignored.
     *
     * @throws UserException naming file, line and column
     */
    public static Labels read(Path file) {
        var ids = new ArrayList<String>();
        var classNames = new ArrayList<String>();
        Table.read(file, StandardCharsets.UTF_8, Table.COMMAS, COLUMNS, row -> {
            ids.add(row.text("ID"));
            classNames.add(row.text("class_name"));
        });
        if (ids.isEmpty()) {
            throw new UserException(file + " holds no rows");
        }
        return new Labels(ids, classNames);
    }

    /** Writes {@code ID,class_name} atomically. */
    public void write(Path file) {
        AtomicFile.write(file, out -> {
            var printer = Table.COMMAS.print(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            printer.printRecord(COLUMNS);
            for (var i = 0; i < ids.size(); i++) {
                printer.printRecord(ids.get(i), classNames.get(i));
            }
            printer.flush();
        });
    }

    /** The distinct class names, sorted. */
    public List<String> classes() {
        return classNames.stream().distinct().sorted().toList();
    }

    /** The class of each clip as an index into {@link #classes()}. */
    public int[] indices() {
        var classes = classes();
        return classNames.stream().mapToInt(classes::indexOf).toArray();
    }
}
