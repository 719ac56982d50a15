package org.jclap.tensor;

/**
 * Makes large arrays longer than they have to be, so that arrays that follow each other in the heap do not work against the
 * cache.
 *
 * <p>Arrays of rounded sizes lie whole multiples of large powers of two apart, and an op that reads one while it writes
 * another at the same index then meets two comparisons of incomplete addresses: a load waits for an earlier store with the
 * same low 12 bits, and AMD's L1 tells lines apart by a hash of bits 12 to 27 (Lipp et al., "Take A Way: Exploring the
 * Security Implications of AMD's Cache Way Predictors", 2020).
 */
public final class HeapColour {
    /** From here on an array is coloured, in elements: 2 % of it. */
    private static final int LARGE = 1 << 18;
    /**
     * Five pages and five eighths of one in F32, with the header of 16 bytes: seven arrays in a row lie more than 400 bytes
     * from a whole number of pages apart.
     */
    private static final int COLOUR = 5752;

    private static final int LONGEST = Integer.MAX_VALUE - 8;

    private HeapColour() {}

    /** The length of an array for {@code size} elements, a rounded number. */
    public static int lengthened(int size) {
        return size < LARGE ? size : (int) Math.min((long) size + COLOUR, LONGEST);
    }

    /** The least size whose {@link #lengthened} array has room for {@code length} elements. */
    public static int sizeFor(int length) {
        return length < LARGE ? length : Math.max(LARGE, length - COLOUR);
    }
}
