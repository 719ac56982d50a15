package org.jclap.clap.audio;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** WAVE files built byte by byte from the specification, independently of the code under test. */
final class WavBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** A file with one plain format chunk and one data chunk. */
    static byte[] file(int tag, int channels, int rate, int bits, byte[] data) {
        return new WavBytes()
                .riff(36 + data.length)
                .format(tag, channels, rate, bits)
                .chunk("data", data)
                .bytes();
    }

    WavBytes riff(long size) {
        return text("RIFF").number(size, 4).text("WAVE");
    }

    WavBytes format(int tag, int channels, int rate, int bits) {
        int frame = channels * ((bits + 7) / 8);
        text("fmt ").number(16, 4).number(tag, 2).number(channels, 2).number(rate, 4);
        return number((long) rate * frame, 4).number(frame, 2).number(bits, 2);
    }

    WavBytes extensibleFormat(int tag, int channels, int rate, int bits, int validBits) {
        int frame = channels * bits / 8;
        text("fmt ").number(40, 4).number(0xFFFE, 2).number(channels, 2).number(rate, 4);
        number((long) rate * frame, 4).number(frame, 2).number(bits, 2);
        number(22, 2).number(validBits, 2).number(0, 4).number(tag, 2);
        return raw(0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71);
    }

    WavBytes chunk(String name, byte[] body) {
        return text(name).number(body.length, 4).append(body).append(new byte[body.length & 1]);
    }

    WavBytes text(String text) {
        return append(text.getBytes(StandardCharsets.US_ASCII));
    }

    WavBytes number(long value, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> (8 * i)));
        }
        return this;
    }

    WavBytes raw(int... values) {
        for (int value : values) {
            out.write(value);
        }
        return this;
    }

    WavBytes append(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    static byte[] of(int... values) {
        return new WavBytes().raw(values).bytes();
    }
}
