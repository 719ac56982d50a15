package org.jclap.kernels.vector;

import org.jspecify.annotations.Nullable;

/**
 * A matrix operand that can be copied into panels: for the left operand the vectors are its rows, for the right one its
 * columns, and the steps run along k.
 */
@FunctionalInterface
interface Panels {
    /**
     * Writes the vectors {@code first..first+count-1} at the steps {@code step..step+steps-1}: element (vector v, step
     * p) to {@code panel[at + (p - step) * width + (v - first)]}, and zeros for the vectors {@code count..width-1}.
     */
    void pack(int first, int count, int width, int step, int steps, float[] panel, int at);

    /**
     * All vectors as panels of {@link MicroKernel#COLUMNS}, every step of one panel before the next panel; null where they
     * have to be packed.
     */
    default float @Nullable [] packed() {
        return null;
    }

    /** Packs all vectors into an array of {@link #packedSize} floats, in the order of {@link #packed()}. */
    default void packAll(Workers workers, int vectors, int steps, float[] panels) {
        int width = MicroKernel.COLUMNS;
        workers.parallelFor(Math.ceilDiv(vectors, width), panel -> {
            int first = panel * width;
            pack(first, Math.min(width, vectors - first), width, 0, steps, panels, first * steps);
        });
    }

    /** The floats of {@code vectors} in panels. */
    static int packedSize(int vectors, int steps) {
        return Math.multiplyExact(Math.ceilDiv(vectors, MicroKernel.COLUMNS) * MicroKernel.COLUMNS, steps);
    }

    /** Vectors whose panels exist already. */
    @SuppressWarnings("ArrayRecordComponent")
    record Packed(Panels source, float[] packed) implements Panels {
        @Override
        public void pack(int first, int count, int width, int step, int steps, float[] panel, int at) {
            source.pack(first, count, width, step, steps, panel, at);
        }
    }
}
