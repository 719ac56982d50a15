package org.jclap.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
    @TempDir
    Path folder;

    // ---------------------------------------------------------------------------------------------- round trips

    @ParameterizedTest
    @EnumSource(DType.class)
    void roundTripsEveryType(DType dtype) {
        // More than one chunk of the writer, and no multiple of it.
        HostStorage elements = HostStorage.create(dtype, 70_001);
        SplittableRandom random = new SplittableRandom(dtype.name().hashCode());
        for (int i = 0; i < elements.length(); i++) {
            elements.set(i, random.nextInt(-2000, 2000) / 8.0);
        }
        Safetensors.Item item = new Safetensors.Item("x", new TensorType(Shape.of(70_001), dtype), () -> elements);
        Path file = folder.resolve("x.safetensors");
        Safetensors.write(file, Map.of(), List.of(item));

        Safetensors read = Safetensors.read(file);
        assertEquals(dtype, read.entry("x").dtype());
        HostStorage back = read.elements("x");
        for (int i = 0; i < elements.length(); i++) {
            assertEquals(elements.get(i), back.get(i), "element " + i);
        }
    }

    @Test
    void keepsBitPatternsThatAreNoNumbers() {
        short[] patterns = {(short) 0x7E01, (short) 0xFC00, (short) 0x8000, 1, (short) 0xFFFF};
        HostStorage elements = HostStorage.wrap(DType.F16, patterns, patterns.length);
        Path file = write("x", new TensorType(Shape.of(5), DType.F16), elements);
        assertArrayEquals(patterns, Safetensors.read(file).elements("x").shorts());
    }

    @Test
    void roundTripsScalarsAndEmptyTensorsAmongOthers() {
        List<Safetensors.Item> items = List.of(
                item("empty.first", Shape.of(0, 5)),
                item("scalar", Shape.of(), 42),
                item("empty.middle", Shape.of(3, 0)),
                item("row", Shape.of(1, 2), 7, -8),
                item("empty.last", Shape.of(0)));
        Path file = folder.resolve("mixed.safetensors");
        Safetensors.write(file, Map.of(), items);

        Safetensors read = Safetensors.read(file);
        assertEquals(List.of("empty.first", "scalar", "empty.middle", "row", "empty.last"), List.copyOf(read.names()));
        assertEquals(Shape.of(), read.entry("scalar").shape());
        assertEquals(42, read.elements("scalar").get(0));
        assertEquals(Shape.of(0, 5), read.entry("empty.first").shape());
        assertEquals(0, read.elements("empty.middle").length());
        assertEquals(-8, read.elements("row").get(1));
    }

    @Test
    void loadsATensorOntoABackend() {
        Path file = folder.resolve("x.safetensors");
        Safetensors.write(file, Map.of(), List.of(item("w", Shape.of(2, 2), 1, 2, 3, 4)));
        try (var backend = new ReferenceBackend();
                Tensor loaded = Safetensors.read(file).load(backend, "w")) {
            assertEquals(Shape.of(2, 2), loaded.shape());
            assertArrayEquals(new float[] {1, 2, 3, 4}, loaded.toFloats());
        }
    }

    @Test
    void keepsMetadataWithAnyCharacters() {
        Map<String, String> metadata = Map.of(
                "quotes \" and \\ slashes /", "line\nfeed\ttab\rreturn \b\f \u0000\u001f",
                "", "",
                "\u00e4\u4e2d \ud83d\udc36", "{\"not\": [\"parsed\"]}",
                "__metadata__", "\u2028");
        Path file = folder.resolve("meta.safetensors");
        Safetensors.write(file, metadata, List.of(item("na\"me\n\u00e9", Shape.of(1), 3)));

        Safetensors read = Safetensors.read(file);
        assertEquals(metadata, read.metadata());
        assertTrue(read.has("na\"me\n\u00e9"));
        assertFalse(read.has("__metadata__"));
    }

    @Test
    void dataBeginAtAMultipleOfEight() throws IOException {
        for (int length = 1; length < 20; length++) {
            Path file = folder.resolve("x.safetensors");
            Safetensors.write(file, Map.of("k", "v".repeat(length)), List.of(item("w", Shape.of(1), 1)));
            long header = ByteBuffer.wrap(Files.readAllBytes(file))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            assertEquals(0, header % 8);
        }
    }

    @Test
    void readsAHeaderOfThousandsOfTensors() {
        List<Safetensors.Item> items = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            items.add(item("a.rather.long.path.of.a.parameter." + i + ".weight", Shape.of(1), i));
        }
        Path file = folder.resolve("many.safetensors");
        Safetensors.write(file, Map.of(), items);
        Safetensors read = Safetensors.read(file);
        assertEquals(20_000, read.names().size());
        assertEquals(
                19_999,
                read.elements("a.rather.long.path.of.a.parameter.19999.weight").get(0));
    }

    @Test
    void tensorsThatAreListedOutOfOrderAreFound() throws IOException {
        Path file = raw("""
                {"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 6);
        Safetensors read = Safetensors.read(file);
        assertEquals(1, read.elements("a").length());
        assertMessage(() -> read.elements("b"), "'b'", "U8");
        assertMessage(() -> read.elements("c"), file.toString(), "'c'");
    }

    // ---------------------------------------------------------------------------------------------- refusals

    @Test
    void refusesAFileThatIsCutAnywhere() throws IOException {
        Path file = folder.resolve("whole.safetensors");
        Safetensors.write(file, Map.of("k", "v"), List.of(item("w", Shape.of(3), 1, 2, 3)));
        byte[] whole = Files.readAllBytes(file);
        Path cut = folder.resolve("cut.safetensors");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, java.util.Arrays.copyOf(whole, length));
            assertMessage(() -> Safetensors.read(cut), cut.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1000, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void refusesAHeaderLengthThatCannotBe(long length) throws IOException {
        Path file = folder.resolve("length.safetensors");
        Files.write(
                file,
                ByteBuffer.allocate(64)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(length)
                        .array());
        assertMessage(() -> Safetensors.read(file), file.toString(), "header");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} : 8 : describes",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} : 8 : gap",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'w':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}} : 6 : overlaps",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} : 4 : overlaps",
                "{'w':{'dtype':'F33','shape':[1],'data_offsets':[0,4]}} : 4 : F33",
                "{'w':{'dtype':32,'shape':[1],'data_offsets':[0,4]}} : 4 : dtype",
                "{'w':{'shape':[1],'data_offsets':[0,4]}} : 4 : dtype",
                "{'w':{'dtype':'F32','data_offsets':[0,4]}} : 4 : shape",
                "{'w':{'dtype':'F32','shape':[1]}} : 4 : data_offsets",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0]}} : 4 : data_offsets",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}} : 4 : data_offsets",
                "{'w':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} : 4 : do not match",
                "{'w':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}} : 4 : do not match",
                "{'w':{'dtype':'F32','shape':[0],'data_offsets':[-4,-4]}} : 4 : do not match",
                "{'w':{'dtype':'F32','shape':[-1],'data_offsets':[0,-4]}} : 4 : -1",
                "{'w':{'dtype':'F32','shape':[-1,-1],'data_offsets':[0,4]}} : 4 : -1",
                "{'w':{'dtype':'F32','shape':[2147483648],'data_offsets':[0,4]}} : 4 : 2147483648",
                "{'w':{'dtype':'U8','shape':[65536,65536],'data_offsets':[0,4]}} : 4 : too many",
                "{'w':{'dtype':'U8','shape':[2147483647,2147483647,2147483647,3],'data_offsets':[0,4]}} : 4 : too many",
                "{'w':{'dtype':'F32','shape':[1.5],'data_offsets':[0,4]}} : 4 : integer",
                "{'w':{'dtype':'F32','shape':'1','data_offsets':[0,4]}} : 4 : shape",
                "{'w':{'dtype':'U8','shape':[99999999999999999999],'data_offsets':[0,4]}} : 4 : integer",
                "{'w':[1]} : 0 : object",
                "{'__metadata__':'text'} : 0 : object",
                "{'__metadata__':{'a':1}} : 0 : string",
                "{'w':{'dtype':'F32','shape':[0],'data_offsets':[0,0]},'w':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}} : 0 : twice",
                "{'w':{'dtype':'F32','dtype':'F32','shape':[0],'data_offsets':[0,0]}} : 0 : twice",
                "['w'] : 0 : object",
                "{'w':null} : 0 : expected",
                "{'w' : 0 : expected",
                "{} x : 0 : after the end",
                "{'w':'\\u12 : 0 : unexpected end",
                "{'w':'\\u-123'} : 0 : escape",
                "{'w':'\\q'} : 0 : escape",
                "{'a':{'b':{'c':{'d':{'e':{'f':{'g':{'h':{'i':{}}}}}}}}}} : 0 : deep"
            })
    void refusesAHeaderThatDoesNotDescribeTheFile(String row) throws IOException {
        String[] cells = row.split(" : ", -1);
        Path file = raw(cells[0].replace('\'', '"'), Integer.parseInt(cells[1]));
        assertMessage(() -> Safetensors.read(file), file.toString(), cells[2]);
    }

    @Test
    void refusesNestingWithoutUsingTheStack() throws IOException {
        Path file = raw("{\"w\":" + "[".repeat(5_000_000), 0);
        assertMessage(() -> Safetensors.read(file), "deep");
    }

    @Test
    void aMessageStaysShortWhateverTheHeaderHolds() throws IOException {
        for (String value : List.of("\"" + "x".repeat(1 << 20) + "\"", "[" + "1,".repeat(1 << 19) + "1]")) {
            Path file = raw("{\"w\":" + value + "}", 0);
            assertTrue(assertMessage(() -> Safetensors.read(file), "object").length() < 500);
        }
    }

    @Test
    void refusesAHeaderThatIsNotUtf8() throws IOException {
        byte[] header = "{\"w\":1}".getBytes(StandardCharsets.UTF_8);
        header[2] = (byte) 0xC3;
        Path file = raw(header, 0);
        assertMessage(() -> Safetensors.read(file), "UTF-8");
    }

    @Test
    void refusesAMissingFileAndADirectory() {
        Path missing = folder.resolve("missing.safetensors");
        assertMessage(() -> Safetensors.read(missing), missing.toString(), "no such file");
        assertMessage(() -> Safetensors.read(folder), folder.toString());
    }

    // ---------------------------------------------------------------------------------------------- helpers

    private static Safetensors.Item item(String name, Shape shape, float... values) {
        return new Safetensors.Item(
                name, new TensorType(shape, DType.F32), () -> HostStorage.wrap(DType.F32, values, values.length));
    }

    private Path write(String name, TensorType type, HostStorage elements) {
        Path file = folder.resolve(name + ".safetensors");
        Safetensors.write(file, Map.of(), List.of(new Safetensors.Item(name, type, () -> elements)));
        return file;
    }

    private Path raw(String header, int dataBytes) throws IOException {
        return raw(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private Path raw(byte[] header, int dataBytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .array());
        bytes.writeBytes(header);
        bytes.writeBytes(new byte[dataBytes]);
        Path file = folder.resolve("raw.safetensors");
        Files.write(file, bytes.toByteArray());
        return file;
    }

    private static String assertMessage(Runnable action, String... parts) {
        String message =
                String.valueOf(assertThrows(UserException.class, action::run).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
        }
        return message;
    }
}
