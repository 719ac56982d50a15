package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the events back by the description of their format. */
final class TensorBoardWriterTest {
    private static final long TIME = 1_700_000_000_250L;

    @TempDir
    Path folder;

    private record Event(double time, long step, String version, String tag, float value) {}

    @Test
    void scalarsAreReadBack() throws IOException {
        try (TensorBoardWriter writer = new TensorBoardWriter(folder, TIME)) {
            writer.scalar("train/loss", 1.25, 0, TIME);
            writer.scalar("train/loss", Double.NaN, 300, TIME + 1000);
            writer.scalar("x".repeat(300), -7, 1L << 40, TIME);
        }
        List<Event> events = read();
        assertEquals(new Event(TIME / 1000.0, 0, "brain.Event:2", "", 0), events.get(0));
        assertEquals(new Event(TIME / 1000.0, 0, "", "train/loss", 1.25f), events.get(1));
        assertEquals(new Event((TIME + 1000) / 1000.0, 300, "", "train/loss", Float.NaN), events.get(2));
        assertEquals(new Event(TIME / 1000.0, 1L << 40, "", "x".repeat(300), -7), events.get(3));
        assertEquals(4, events.size());
    }

    @Test
    void theNameIsWhatTensorBoardLooksFor() throws IOException {
        new TensorBoardWriter(folder, TIME).close();
        assertTrue(file().getFileName().toString().startsWith("events.out.tfevents.1700000000."));
    }

    private List<Event> read() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file())).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int start = bytes.position();
            int length = Math.toIntExact(bytes.getLong());
            assertEquals(masked(bytes.slice(start, 8)), bytes.getInt(), "checksum of a length");
            ByteBuffer content = bytes.slice(start + 12, length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.position(start + 12 + length);
            assertEquals(masked(content.duplicate()), bytes.getInt(), "checksum of an event");
            events.add(event(content));
        }
        return events;
    }

    private static Event event(ByteBuffer in) {
        double time = 0;
        long step = 0;
        String version = "";
        String tag = "";
        float value = 0;
        while (in.hasRemaining()) {
            switch ((int) varint(in)) {
                case 1 << 3 | 1 -> time = in.getDouble();
                case 2 << 3 -> step = varint(in);
                case 3 << 3 | 2 ->
                    version = StandardCharsets.UTF_8.decode(message(in)).toString();
                case 5 << 3 | 2 -> {
                    ByteBuffer summary = message(in);
                    assertEquals(1 << 3 | 2, varint(summary));
                    ByteBuffer entry = message(summary);
                    assertEquals(1 << 3 | 2, varint(entry));
                    tag = StandardCharsets.UTF_8.decode(message(entry)).toString();
                    assertEquals(2 << 3 | 5, varint(entry));
                    value = entry.getFloat();
                    assertEquals(0, entry.remaining() + summary.remaining());
                }
                default -> throw new AssertionError("a field that no event has");
            }
        }
        return new Event(time, step, version, tag, value);
    }

    private static ByteBuffer message(ByteBuffer in) {
        int length = (int) varint(in);
        ByteBuffer message = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return message;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = in.get();
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /** ((crc >> 15) | (crc << 17)) + 0xa282ead8 */
    private static int masked(ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        int value = (int) crc.getValue();
        return (value >>> 15 | value << 17) + 0xa282ead8;
    }

    private Path file() throws IOException {
        try (var files = Files.list(folder)) {
            return files.findFirst().orElseThrow();
        }
    }
}
