package org.jclap.tensor.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyFileTest {
    private static final float[] VALUES = {1, -2, 3.5f, 4, 5, 6};

    @TempDir
    Path folder;

    // ---------------------------------------------------------------------------------------------- reading

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsEveryVersionOfTheHeader(int version) throws IOException {
        NpyFile file =
                NpyFile.read(file(version, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", floats()));
        assertEquals(2, file.rows());
        assertEquals(3, file.columns());
        assertEquals(DType.F32, file.dtype());
        assertArrayEquals(VALUES, file.floats());
    }

    @ParameterizedTest
    @CsvSource({"<f2,F16", "<f4,F32", "<f8,F64", "<i4,I32", "<i8,I64", "|b1,BOOL"})
    void readsEveryType(String description, DType dtype) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(3 * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : new int[] {1, 0, 1}) {
            switch (dtype) {
                case F16 -> data.putShort(Float.floatToFloat16(value));
                case F32 -> data.putFloat(value);
                case F64 -> data.putDouble(value);
                case I32 -> data.putInt(value);
                case I64 -> data.putLong(value);
                case BOOL, BF16 -> data.put((byte) value);
            }
        }
        NpyFile file = NpyFile.read(
                file(1, "{'descr':'%s','fortran_order':False,'shape':(3,1)}".formatted(description), data.array()));
        assertEquals(dtype, file.dtype());
        assertArrayEquals(new float[] {1, 0, 1}, file.floats());
    }

    @Test
    void readsOneAxisAsRowsOfOneAndMoreAxesAsWideRows() throws IOException {
        NpyFile line = NpyFile.read(file(1, "{'descr': '<f4', 'fortran_order': True, 'shape': (6,), }", floats()));
        assertEquals(6, line.rows());
        assertEquals(1, line.columns());
        NpyFile cube =
                NpyFile.read(file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 2), }", floats()));
        assertEquals(1, cube.rows());
        assertEquals(6, cube.columns());
    }

    @Test
    void readsRowsFromTheMiddle() throws IOException {
        NpyFile file = NpyFile.read(file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }", floats()));
        assertArrayEquals(new float[] {3.5f, 4}, file.floats(1, 1));
        assertArrayEquals(new float[] {3.5f, 4, 5, 6}, file.floats(1, 2));
        assertArrayEquals(new float[0], file.floats(3, 0));
        assertThrows(IllegalArgumentException.class, () -> file.floats(2, 2));
        assertThrows(IllegalArgumentException.class, () -> file.floats(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> file.floats(Long.MAX_VALUE, 1));
    }

    @Test
    void readsNoRows() throws IOException {
        NpyFile file =
                NpyFile.read(file(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 512), }", new byte[0]));
        assertEquals(0, file.rows());
        assertEquals(512, file.columns());
        assertEquals(0, file.floats().length);
    }

    // ---------------------------------------------------------------------------------------------- refusals

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), } | Fortran",
                "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), } | >f4",
                "{'descr': '|O', 'fortran_order': False, 'shape': (6,), } | |O",
                "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), } | <c8",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), } | descr",
                "{'fortran_order': False, 'shape': (6,), } | descr",
                "{'descr': '<f4', 'shape': (6,), } | fortran_order",
                "{'descr': '<f4', 'fortran_order': False} | shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (), } | one number",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (,), } | shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,,3), } | shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-6,), } | shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), } | 32 bytes",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), } | 16 bytes",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), } | shape",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), } | too large",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296), } | too large",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), } | too large"
            })
    void refusesWhatItCannotReadRight(String row) throws IOException {
        String[] cells = row.split(" \\| ", -1);
        Path path = file(1, cells[0], floats());
        assertMessage(() -> NpyFile.read(path), path.toString(), cells[1]);
    }

    @Test
    void refusesAFileThatIsCutAnywhere() throws IOException {
        byte[] whole =
                Files.readAllBytes(file(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", floats()));
        Path cut = folder.resolve("cut.npy");
        for (int length = 0; length < whole.length; length++) {
            Files.write(cut, Arrays.copyOf(whole, length));
            assertMessage(() -> NpyFile.read(cut), cut.toString());
        }
    }

    @Test
    void refusesOtherFilesAndVersions() throws IOException {
        Path wave = folder.resolve("wave.npy");
        Files.writeString(wave, "RIFF....WAVEfmt ");
        assertMessage(() -> NpyFile.read(wave), "NUMPY");
        Path later = file(4, "{}", floats());
        assertMessage(() -> NpyFile.read(later), "version 4");
        assertMessage(() -> NpyFile.read(folder.resolve("missing.npy")), "missing.npy", "no such file");
        assertMessage(() -> NpyFile.read(folder), folder.toString());
    }

    // ---------------------------------------------------------------------------------------------- writing

    @Test
    void writesRowsThatItReads() throws IOException {
        Path path = folder.resolve("new/rows.npy");
        try (NpyWriter writer = new NpyWriter(path, DType.F32, 3)) {
            writer.append(new float[] {1, 2, 3});
            writer.append(new float[0]);
            writer.append(new float[] {4, 5, 6, 7, 8, 9});
            assertEquals(3, writer.rows());
            assertFalse(Files.exists(path), "visible before commit");
            writer.commit();
        }
        NpyFile file = NpyFile.read(path);
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, file.floats());
        assertEquals(3, file.columns());
        assertEquals(List.of("rows.npy"), names(path.getParent()));
    }

    @Test
    void roundsHalvesToNearest() {
        Path path = folder.resolve("half.npy");
        float third = 1 / 3f;
        try (NpyWriter writer = new NpyWriter(path, DType.F16, 1)) {
            writer.append(new float[] {third, 65504, 1e-8f});
            writer.commit();
        }
        float[] expected = {Float.float16ToFloat(Float.floatToFloat16(third)), 65504, 0};
        assertEquals(DType.F16, NpyFile.read(path).dtype());
        assertArrayEquals(expected, NpyFile.read(path).floats());
    }

    @Test
    void closingWithoutCommitLeavesTheOldFileAndNothingElse() throws IOException {
        Path path = folder.resolve("rows.npy");
        try (NpyWriter writer = new NpyWriter(path, DType.F32, 1)) {
            writer.append(new float[] {1});
            writer.commit();
        }
        try (NpyWriter writer = new NpyWriter(path, DType.F32, 1)) {
            writer.append(new float[] {2, 3});
        }
        assertArrayEquals(new float[] {1}, NpyFile.read(path).floats());
        assertEquals(List.of("rows.npy"), names(folder));
    }

    @Test
    void writesAnEmptyFile() {
        Path path = folder.resolve("empty.npy");
        try (NpyWriter writer = new NpyWriter(path, DType.F32, 4)) {
            writer.commit();
        }
        assertEquals(0, NpyFile.read(path).rows());
        assertEquals(4, NpyFile.read(path).columns());
    }

    @Test
    void aPlaceThatCannotBeWrittenIsAnError() throws IOException {
        Path obstacle = Files.writeString(folder.resolve("file"), "x");
        Path path = obstacle.resolve("rows.npy");
        assertMessage(() -> new NpyWriter(path, DType.F32, 1).close(), path.toString(), "not a directory");
    }

    @Test
    void refusesPartsOfRowsAndOtherTypes() {
        Path path = folder.resolve("rows.npy");
        try (NpyWriter writer = new NpyWriter(path, DType.F32, 2)) {
            assertThrows(IllegalArgumentException.class, () -> writer.append(new float[3]));
        }
        assertThrows(IllegalArgumentException.class, () -> new NpyWriter(path, DType.I64, 2).close());
    }

    // ---------------------------------------------------------------------------------------------- helpers

    private Path file(int version, String header, byte[] data) throws IOException {
        Path path = folder.resolve("v%d.npy".formatted(version));
        Files.write(path, NpyBytes.file(version, header, data));
        return path;
    }

    private static byte[] floats() {
        ByteBuffer data = ByteBuffer.allocate(4 * VALUES.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : VALUES) {
            data.putFloat(value);
        }
        return data.array();
    }

    private static List<String> names(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertMessage(Runnable action, String... parts) {
        String message =
                String.valueOf(assertThrows(UserException.class, action::run).getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
        }
    }
}
