package org.jclap.tensor.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Damage to the header of a binary file: changed, doubled or missing bytes, false lengths, a cut. */
final class Mutation {
    private static final byte[] NASTY =
            "\"\\{}[](),:'-+0987654321u \n\0\u007f".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private Mutation() {}

    /** A copy of {@code good} with one to four changes within its first {@code header} bytes. */
    static byte[] of(byte[] good, int header, SplittableRandom random) {
        byte[] bytes = good.clone();
        for (int n = random.nextInt(1, 5); n > 0 && bytes.length > 0; n--) {
            int at = random.nextInt(Math.min(header, bytes.length));
            int length = random.nextInt(1, 12);
            bytes = switch (random.nextInt(6)) {
                case 0 -> with(bytes, at, (byte) random.nextInt(256));
                case 1, 2 -> with(bytes, at, NASTY[random.nextInt(NASTY.length)]);
                case 3 -> joined(bytes, Math.min(bytes.length, at + length), at);
                case 4 -> joined(bytes, at, Math.min(bytes.length, at + length));
                default -> random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            };
        }
        return bytes;
    }

    /** The same with the little-endian number at the beginning, the length of the header, set right again. */
    static byte[] withLength(byte[] bytes, long length) {
        if (bytes.length >= Long.BYTES) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        }
        return bytes;
    }

    private static byte[] with(byte[] bytes, int at, byte value) {
        bytes[at] = value;
        return bytes;
    }

    /** The first {@code end} bytes and those from {@code begin} on: repeats a piece or leaves one out. */
    private static byte[] joined(byte[] bytes, int end, int begin) {
        byte[] joined = Arrays.copyOf(bytes, end + bytes.length - begin);
        System.arraycopy(bytes, begin, joined, end, bytes.length - begin);
        return joined;
    }
}
