package org.jclap.clap.audio;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How a WAVE file stores one sample; all multi-byte values are little-endian.
 *
 * <p>An integer of n bits stands for {@code value / 2^(n-1)}, so decoding is exact up to 24 bits and full scale is
 * [-1, 1). Eight bits are unsigned with silence at 128. Floating-point samples pass unchanged.
 */
public enum SampleFormat {
    PCM_8(SampleFormat.PCM, 1),
    PCM_16(SampleFormat.PCM, 2),
    PCM_24(SampleFormat.PCM, 3),
    PCM_32(SampleFormat.PCM, 4),
    FLOAT_32(SampleFormat.IEEE_FLOAT, 4),
    FLOAT_64(SampleFormat.IEEE_FLOAT, 8);

    /** The format tag of linear integers. */
    static final int PCM = 1;

    /** The format tag of IEEE 754 numbers. */
    static final int IEEE_FLOAT = 3;

    private final int tag;
    private final int bytes;

    SampleFormat(int tag, int bytes) {
        this.tag = tag;
        this.bytes = bytes;
    }

    /** The WAVE format tag, 1 or 3. */
    int tag() {
        return tag;
    }

    /** Bytes per sample of one channel. */
    public int bytes() {
        return bytes;
    }

    /** The format with this tag and container size, if it is one that is read. */
    static Optional<SampleFormat> of(int tag, int bytes) {
        for (SampleFormat format : values()) {
            if (format.tag == tag && format.bytes == bytes) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /** Decodes the first {@code count} samples of the little-endian heap buffer {@code in}. */
    void decode(ByteBuffer in, float[] out, int count) {
        switch (this) {
            case PCM_8 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = ((in.get(i) & 0xff) - 128) * 0x1p-7f;
                }
            }
            case PCM_16 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = in.getShort(2 * i) * 0x1p-15f;
                }
            }
            case PCM_24 -> {
                for (int i = 0; i < count; i++) {
                    int low = (in.get(3 * i) & 0xff) | (in.get(3 * i + 1) & 0xff) << 8;
                    out[i] = (low | in.get(3 * i + 2) << 16) * 0x1p-23f;
                }
            }
            case PCM_32 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = in.getInt(4 * i) * 0x1p-31f;
                }
            }
            case FLOAT_32 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = in.getFloat(4 * i);
                }
            }
            case FLOAT_64 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = (float) in.getDouble(8 * i);
                }
            }
        }
    }

    /** Appends one sample to the little-endian buffer {@code out}; integers round to nearest and saturate. */
    void encode(float sample, ByteBuffer out) {
        switch (this) {
            case PCM_8 -> out.put((byte) (quantise(sample, 0x1p7) + 128));
            case PCM_16 -> out.putShort((short) quantise(sample, 0x1p15));
            case PCM_24 -> {
                int value = quantise(sample, 0x1p23);
                out.putShort((short) value).put((byte) (value >> 16));
            }
            case PCM_32 -> out.putInt(quantise(sample, 0x1p31));
            case FLOAT_32 -> out.putFloat(sample);
            case FLOAT_64 -> out.putDouble(sample);
        }
    }

    private static int quantise(float sample, double scale) {
        return (int) Math.clamp(Math.rint(sample * scale), -scale, scale - 1);
    }
}
