package org.jclap.tensor.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;

/**
 * A NumPy {@code .npy} file, versions 1 to 3: a matrix of little-endian numbers in C order, read by rows from a memory
 * map. A one-dimensional array counts as rows of one number. May hold more than 2^31 elements.
 */
public final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final Pattern DESCRIPTION = Pattern.compile("'descr'\\s*:\\s*'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([0-9, ]*)\\)");

    private final Path path;
    private final MemorySegment data;
    private final DType dtype;
    private final long rows;
    private final int columns;

    private NpyFile(Path path, MemorySegment data, DType dtype, long rows, int columns) {
        this.path = path;
        this.data = data;
        this.dtype = dtype;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * Opens a file and checks its header.
     *
     * @throws UserException naming the file and what is wrong with it
     */
    public static NpyFile read(Path path) {
        try (FileChannel channel = FileChannel.open(path)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return parse(path, file);
        } catch (NoSuchFileException e) {
            throw new UserException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UserException(path + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UserException(path + ": not a usable npy file: " + e.getMessage(), e);
        }
    }

    /** The element type in the file. */
    public DType dtype() {
        return dtype;
    }

    /** The number of rows. */
    public long rows() {
        return rows;
    }

    /** The numbers in one row. */
    public int columns() {
        return columns;
    }

    /** The rows {@code [from, from + count)} as floats, row-major. */
    public float[] floats(long from, int count) {
        if (from < 0 || count < 0 || from > rows - count) {
            throw new IllegalArgumentException(
                    "rows [%d, %d) of %s, which has %d".formatted(from, from + count, path, rows));
        }
        int length = Math.multiplyExact(count, columns);
        HostStorage elements = HostBytes.read(data, from * columns * dtype.bytes(), dtype, length);
        if (dtype == DType.F32) {
            return elements.floats();
        }
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) elements.get(i);
        }
        return values;
    }

    /** Every row as floats. */
    public float[] floats() {
        if (rows * columns > Integer.MAX_VALUE - 8) {
            throw new UserException("%s: %d x %d numbers are too many to load at once".formatted(path, rows, columns));
        }
        return floats(0, (int) rows);
    }

    private static NpyFile parse(Path path, MemorySegment file) {
        require(file.byteSize() >= 12, "the file has only " + file.byteSize() + " bytes");
        for (int i = 0; i < MAGIC.length; i++) {
            require(file.get(ValueLayout.JAVA_BYTE, i) == MAGIC[i], "it does not begin with \\x93NUMPY");
        }
        int version = file.get(ValueLayout.JAVA_BYTE, 6);
        require(version >= 1 && version <= 3, "unknown version " + version);
        int prefix = version == 1 ? 10 : 12;
        long length = version == 1
                ? Short.toUnsignedLong(file.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8))
                : Integer.toUnsignedLong(
                        file.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 8));
        require(prefix + length <= file.byteSize(), "the header is longer than the file");
        byte[] bytes = file.asSlice(prefix, length).toArray(ValueLayout.JAVA_BYTE);
        String header = new String(bytes, StandardCharsets.UTF_8);
        return fields(path, header, file.asSlice(prefix + length));
    }

    private static NpyFile fields(Path path, String header, MemorySegment data) {
        DType dtype = dtype(field(DESCRIPTION, header, "descr"));
        String[] extents = field(SHAPE, header, "shape").replace(" ", "").split(",");
        require(extents.length > 0, "the header has no valid shape");
        boolean scalar = extents.length == 1 && extents[0].isEmpty();
        require(!scalar, "it holds one number, not rows");
        long rows = extent(extents[0]);
        long columns = 1;
        for (int i = 1; i < extents.length; i++) {
            columns = product(columns, extent(extents[i]));
        }
        require(columns <= Integer.MAX_VALUE, "a row of " + columns + " numbers is too large");
        boolean columnMajor = field(ORDER, header, "fortran_order").equals("True");
        require(!columnMajor || extents.length == 1, "it is in Fortran order; save it with numpy.ascontiguousarray");
        long expected = product(product(rows, columns), dtype.bytes());
        require(
                data.byteSize() == expected,
                "its shape needs %d bytes of data, the file has %d".formatted(expected, data.byteSize()));
        return new NpyFile(path, data, dtype, rows, (int) columns);
    }

    private static long extent(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("the header has no valid shape");
        }
    }

    private static long product(long a, long b) {
        require(a == 0 || b <= Long.MAX_VALUE / a, "its shape is too large");
        return a * b;
    }

    private static String field(Pattern pattern, String header, String name) {
        Matcher matcher = pattern.matcher(header);
        require(matcher.find(), "the header has no valid " + name);
        return matcher.group(1);
    }

    private static DType dtype(String description) {
        return switch (description) {
            case "<f4" -> DType.F32;
            case "<f2" -> DType.F16;
            case "<f8" -> DType.F64;
            case "<i4" -> DType.I32;
            case "<i8" -> DType.I64;
            case "|b1" -> DType.BOOL;
            default ->
                throw new IllegalArgumentException("the element type '" + description
                        + "' is not supported: use float32, float16, float64, int32, int64 or bool");
        };
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
