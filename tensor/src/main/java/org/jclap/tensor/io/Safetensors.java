package org.jclap.tensor.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * Named tensors in one file, in the safetensors format: a little-endian u64 header length, a JSON header {@code {name:
 * {dtype, shape, data_offsets}, "__metadata__": {...}}}, then the data without gaps or overlaps.
 *
 * <p>The file is mapped, so opening is instant and only what is loaded is read. A header that does not describe the file
 * exactly is refused with its reason.
 */
public final class Safetensors {
    private static final String METADATA = "__metadata__";
    private static final int PREFIX_BYTES = 8;
    private static final long MAX_HEADER_BYTES = 100_000_000;

    private final Path path;
    private final MemorySegment file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /** What the header says of one tensor. {@code format} is the name in the file, such as {@code F32} or {@code U8}. */
    public record Entry(String name, String format, Shape shape, long begin, long end) {
        /** The element type; an error for the formats that jclap does not compute with. */
        public DType dtype() {
            DType dtype = known(format);
            if (dtype == null) {
                throw new UserException(
                        "tensor '%s' has the element type %s, which jclap does not use".formatted(name, format));
            }
            return dtype;
        }
    }

    /** A tensor to be written: its name, its type, and how to get its elements when their turn comes. */
    public record Item(String name, TensorType type, Supplier<HostStorage> elements) {
        /** A tensor as it is when it is written. */
        public static Item of(String name, Tensor tensor) {
            return new Item(name, tensor.type(), tensor::toHost);
        }
    }

    private Safetensors(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    // ---------------------------------------------------------------------------------------------- reading

    /**
     * Opens a file and checks its header.
     *
     * @throws UserException naming the file and what is wrong with it
     */
    public static Safetensors read(Path path) {
        try (FileChannel channel = FileChannel.open(path)) {
            long size = channel.size();
            MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, Arena.ofAuto());
            Safetensors file = new Safetensors(path, mapped);
            file.parse();
            return file;
        } catch (NoSuchFileException e) {
            throw new UserException(path + ": no such file", e);
        } catch (IOException e) {
            throw new UserException(path + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UserException(path + ": not a valid safetensors file: " + e.getMessage(), e);
        }
    }

    /** The names of the tensors, in the order of the header. */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** The free-form strings of the header. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /** Where the file is. */
    public Path path() {
        return path;
    }

    /** Whether there is a tensor of this name. */
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /** What the header says of a tensor; an error when there is none of this name. */
    public Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new UserException(path + ": has no tensor '" + name + "'");
        }
        return entry;
    }

    /** The elements of a tensor, copied to host memory. */
    public HostStorage elements(String name) {
        Entry entry = entry(name);
        return HostBytes.read(file, entry.begin, entry.dtype(), entry.shape.size());
    }

    /** A tensor, copied to a backend. */
    public Tensor load(Backend backend, String name) {
        HostStorage elements = elements(name);
        return Tensor.fromHost(backend, entry(name).shape, elements.dtype(), elements.array(), elements.length());
    }

    private void parse() {
        require(file.byteSize() >= PREFIX_BYTES, "the file has only " + file.byteSize() + " bytes");
        long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
        require(
                length >= 2 && length <= MAX_HEADER_BYTES && length <= file.byteSize() - PREFIX_BYTES,
                "a header of " + Long.toUnsignedString(length) + " bytes does not fit a file of " + file.byteSize());
        long data = PREFIX_BYTES + length;
        for (var member : Json.object(header(length)).entrySet()) {
            if (member.getKey().equals(METADATA)) {
                Json.asObject(member.getValue()).forEach(this::addMetadata);
            } else {
                entries.put(member.getKey(), entry(member.getKey(), Json.asObject(member.getValue()), data));
            }
        }
        checkCoverage(data);
    }

    private void addMetadata(String key, Object value) {
        if (!(value instanceof String text)) {
            throw new IllegalArgumentException("the metadata '" + key + "' are not a string");
        }
        metadata.put(key, text);
    }

    private String header(long length) {
        try {
            ByteBuffer bytes = file.asSlice(PREFIX_BYTES, length).asByteBuffer();
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException _) {
            throw new IllegalArgumentException("the header is not UTF-8");
        }
    }

    private static Entry entry(String name, Map<String, Object> fields, long data) {
        if (!(fields.get("dtype") instanceof String format)) {
            throw new IllegalArgumentException("tensor '" + name + "' has no dtype");
        }
        long[] dims = longs(name, "shape", fields.get("shape"));
        long[] offsets = longs(name, "data_offsets", fields.get("data_offsets"));
        require(offsets.length == 2, "tensor '" + name + "' needs two data_offsets");
        Shape shape = shape(name, dims);
        require(
                offsets[0] >= 0 && offsets[1] - offsets[0] == (long) shape.size() * bytes(name, format),
                "the data_offsets of tensor '" + name + "' do not match its shape and dtype");
        return new Entry(name, format, shape, data + offsets[0], data + offsets[1]);
    }

    private static Shape shape(String name, long[] dims) {
        int[] extents = new int[dims.length];
        long count = 1;
        for (int i = 0; i < dims.length; i++) {
            require(
                    dims[i] >= 0 && dims[i] <= Integer.MAX_VALUE,
                    "tensor '%s' has the dimension %d".formatted(name, dims[i]));
            extents[i] = (int) dims[i];
            // Both factors are below 2^31.
            count *= extents[i];
            require(
                    count <= Integer.MAX_VALUE,
                    "tensor '" + name + "' has too many elements: at most 2^31 - 1 are read");
        }
        return Shape.of(extents);
    }

    private static long[] longs(String name, String field, @Nullable Object value) {
        if (value instanceof List<?> list && list.stream().allMatch(Long.class::isInstance)) {
            return list.stream().mapToLong(Long.class::cast).toArray();
        }
        throw new IllegalArgumentException("tensor '%s' has no %s".formatted(name, field));
    }

    private static int bytes(String name, String format) {
        DType dtype = known(format);
        if (dtype != null) {
            return dtype.bytes();
        }
        return switch (format) {
            case "U8", "I8", "F8_E4M3", "F8_E5M2" -> 1;
            case "U16", "I16" -> 2;
            case "U32" -> 4;
            case "U64" -> 8;
            default -> throw new IllegalArgumentException("tensor '" + name + "' has the unknown dtype " + format);
        };
    }

    private static @Nullable DType known(String format) {
        for (DType dtype : DType.values()) {
            if (dtype.name().equals(format)) {
                return dtype;
            }
        }
        return null;
    }

    private void checkCoverage(long data) {
        List<Entry> sorted = new ArrayList<>(entries.values());
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = data;
        for (Entry entry : sorted) {
            require(entry.begin >= at, "tensor '" + entry.name + "' overlaps the one before it");
            require(entry.begin == at, "there is a gap before tensor '" + entry.name + "'");
            at = entry.end;
        }
        require(at == file.byteSize(), "the header describes %d bytes, the file has %d".formatted(at, file.byteSize()));
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    // ---------------------------------------------------------------------------------------------- writing

    /** Writes a file atomically; elements are asked for one tensor at a time. */
    public static void write(Path path, Map<String, String> metadata, List<Item> items) {
        byte[] header = header(metadata, items);
        AtomicFile.write(path, out -> {
            out.write(ByteBuffer.allocate(PREFIX_BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (Item item : items) {
                HostBytes.write(item.elements().get(), 0, item.type().shape().size(), out);
            }
        });
    }

    private static byte[] header(Map<String, String> metadata, List<Item> items) {
        StringJoiner members = new StringJoiner(",", "{", "}");
        if (!metadata.isEmpty()) {
            StringJoiner strings = new StringJoiner(",", "{", "}");
            metadata.forEach((key, value) -> strings.add(Json.quote(key) + ":" + Json.quote(value)));
            members.add(Json.quote(METADATA) + ":" + strings);
        }
        long at = 0;
        for (Item item : items) {
            StringJoiner dims = new StringJoiner(",", "[", "]");
            for (int d : item.type().shape().toArray()) {
                dims.add(Integer.toString(d));
            }
            long end =
                    at + (long) item.type().shape().size() * item.type().dtype().bytes();
            members.add("%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(Json.quote(item.name()), item.type().dtype(), dims, at, end));
            at = end;
        }
        String json = members.toString();
        int bytes = json.getBytes(StandardCharsets.UTF_8).length;
        // The data begin at a multiple of 8, as other readers expect.
        return (json + " ".repeat(Math.floorMod(-bytes, 8))).getBytes(StandardCharsets.UTF_8);
    }
}
