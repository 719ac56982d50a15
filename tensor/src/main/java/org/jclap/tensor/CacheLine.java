package org.jclap.tensor;

import org.jclap.tensor.type.DType;

/**
 * Where long tensors begin in their arrays: at a cache line, if the Java machine aligns objects to cache lines ({@code
 * -XX:ObjectAlignmentInBytes=64}, as the launcher asks for), and anywhere else at no cost.
 *
 * <p>A vector of 512 bits that crosses a cache line takes two loads, and without this every one of them crosses. Where memory
 * decides, that is not all: the stores that wait for memory cover whole pages, and a load is held up by each one whose
 * address has the same low bits.
 */
public final class CacheLine {
    private static final int BYTES = 64;
    /** An array's elements follow the word of its state, its class and its length. */
    private static final int HEADER = 16;

    private CacheLine() {}

    /** The first element of an array that lies at a cache line. */
    public static int first(DType dtype) {
        return (BYTES - HEADER) / dtype.bytes();
    }

    /** The first element of a tensor with so many: where a {@link HeapColour} leaves room, else the first of the array. */
    static int first(DType dtype, int elements) {
        return HeapColour.lengthened(elements) - elements < first(dtype) ? 0 : first(dtype);
    }
}
