package org.jclap.clap.text;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Damages the bytes of a file: cut, changed, inserted, repeated. */
public final class Damage {
    private static final byte[] NASTY = {0, '"', ',', '\t', '\n', '\r', '#', '/', '{', '[', ':', '-', ' ', (byte) 0xff};

    private Damage() {}

    /** A copy of {@code good} with one to five damages. */
    public static byte[] of(byte[] good, Random random) {
        var bytes = good.clone();
        for (var n = 1 + random.nextInt(5); n > 0 && bytes.length > 0; n--) {
            var at = random.nextInt(bytes.length);
            var length = random.nextInt(Math.min(20, bytes.length - at) + 1);
            var out = new ByteArrayOutputStream();
            out.write(bytes, 0, at);
            switch (random.nextInt(5)) {
                case 0 -> out.write(random.nextInt(256));
                case 1 -> out.write(NASTY[random.nextInt(NASTY.length)]);
                case 2 -> {
                    out.write(bytes, at, length);
                    out.write(bytes, at, length);
                }
                case 3 -> out.write(bytes, Math.max(0, at - length), Math.min(at, length));
                default -> length = random.nextInt(4) == 0 ? bytes.length - at : length;
            }
            var rest = Math.min(bytes.length, at + length);
            out.write(bytes, rest, bytes.length - rest);
            bytes = out.toByteArray();
        }
        return bytes;
    }
}
