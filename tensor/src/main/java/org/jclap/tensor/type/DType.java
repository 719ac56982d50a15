package org.jclap.tensor.type;

/** The element types. Floating types compute; integers index; {@code BOOL} is one byte, 0 or 1. */
public enum DType {
    /** IEEE 754 single precision, the type of training. */
    F32(4, true),
    /** IEEE 754 half precision: storage everywhere, compute on CUDA. */
    F16(2, true),
    /** The upper half of an F32: storage everywhere, compute on CUDA. */
    BF16(2, true),
    /** Double precision, for gradient checks on the reference backend. */
    F64(8, true),
    /** Token and class ids. */
    I32(4, false),
    /** Random state and counters. */
    I64(8, false),
    /** Truth values. */
    BOOL(1, false);

    private final int bytes;
    private final boolean floating;

    DType(int bytes, boolean floating) {
        this.bytes = bytes;
        this.floating = floating;
    }

    /** The type of what belongs to many elements of this one, as statistics and parameters of a normalisation: F32 at least. */
    public DType wide() {
        return this == F64 ? F64 : F32;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** Whether arithmetic ops accept this type. */
    public boolean isFloating() {
        return floating;
    }
}
