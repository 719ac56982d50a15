package org.jclap.tensor.type;

/** Conversions of bfloat16, the upper half of a float32; float16 has conversions in {@link Float}. */
public final class Half {
    private Half() {}

    /** The float32 with this bfloat16 as its upper half; exact. */
    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16, ties to even; a NaN stays a NaN. */
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            // Rounding could carry a NaN's payload over into infinity: keep the sign and set the quiet bit.
            return (short) ((bits >>> 16) | 0x40);
        }
        int tieToEven = 0x7FFF + ((bits >>> 16) & 1);
        return (short) ((bits + tieToEven) >>> 16);
    }
}
