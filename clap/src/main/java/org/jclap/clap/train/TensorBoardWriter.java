package org.jclap.clap.train;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jclap.tensor.UserException;

/**
 * Scalars as TensorBoard events. A record is the length (u64), its masked CRC-32C, the bytes of a protobuf {@code Event},
 * and their masked CRC-32C; the three messages in use are encoded by hand: Event {wall_time = 1, step = 2, file_version =
 * 3, summary = 5}, Summary {value = 1}, Value {tag = 1, simple_value = 2}.
 */
final class TensorBoardWriter implements AutoCloseable {
    private static final int MASK_DELTA = 0xA282EAD8;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final OutputStream out;
    private final Path file;

    /** Opens a new events file in a directory; the name sorts behind those of earlier runs. */
    TensorBoardWriter(Path directory, long epochMillis) {
        file = directory.resolve("events.out.tfevents.%d.%d.jclap"
                .formatted(epochMillis / 1000, ProcessHandle.current().pid()));
        try {
            out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw failure(e);
        }
        write(event(epochMillis, 0, bytes(3, "brain.Event:2".getBytes(StandardCharsets.UTF_8))));
    }

    /** Writes one scalar. */
    void scalar(String tag, double value, long step, long epochMillis) {
        byte[] simple =
                buffer(5).put((byte) (2 << 3 | FIXED32)).putFloat((float) value).array();
        byte[] entry = concat(bytes(1, tag.getBytes(StandardCharsets.UTF_8)), simple, 5);
        write(event(epochMillis, step, bytes(5, bytes(1, entry))));
    }

    private static byte[] event(long epochMillis, long step, byte[] payload) {
        byte[] time = buffer(9)
                .put((byte) (1 << 3 | FIXED64))
                .putDouble(epochMillis / 1000.0)
                .array();
        byte[] number = varint(step);
        byte[] head = buffer(9 + 1 + number.length)
                .put(time)
                .put((byte) (2 << 3))
                .put(number)
                .array();
        return concat(head, payload, payload.length);
    }

    private static byte[] bytes(int field, byte[] content) {
        byte[] length = varint(content.length);
        return buffer(1 + length.length + content.length)
                .put((byte) (field << 3 | BYTES))
                .put(length)
                .put(content)
                .array();
    }

    private static byte[] varint(long value) {
        int size = Math.max(1, (64 - Long.numberOfLeadingZeros(value) + 6) / 7);
        byte[] out = new byte[size];
        for (int i = 0; i < size; i++) {
            out[i] = (byte) (((value >>> (7 * i)) & 0x7F) | (i < size - 1 ? 0x80 : 0));
        }
        return out;
    }

    private static byte[] concat(byte[] a, byte[] b, int bLength) {
        return buffer(a.length + bLength).put(a).put(b, 0, bLength).array();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void write(byte[] event) {
        byte[] length = buffer(8).putLong(event.length).array();
        byte[] row = buffer(16 + event.length)
                .put(length)
                .putInt(maskedCrc(length))
                .put(event)
                .putInt(maskedCrc(event))
                .array();
        try {
            out.write(row);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static int maskedCrc(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    private UserException failure(IOException e) {
        return new UserException("cannot write " + file + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
