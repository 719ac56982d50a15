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
     * Packs one panel for every layer of {@code layer} steps. Layers follow each other; in each, all panels do.
     *
     * @param panels receives layers of {@code padded} vectors, those of this panel from {@code at} on
     */
    default void packLayers(
            int first, int count, int width, int step, int steps, int layer, float[] panels, int at, int padded) {
        for (var p = 0; p < steps; p += layer) {
            int depth = Math.min(layer, steps - p);
            pack(first, count, width, step + p, depth, panels, p * padded + at * depth);
        }
    }

    /** All vectors as panels of {@link MicroKernel#COLUMNS} in layers; null where they have to be packed. */
    default float @Nullable [] packed() {
        return null;
    }

    /** Packs all vectors into an array of {@link #packedSize} floats, in the order of {@link #packed()}. */
    default void packAll(Workers workers, int vectors, int steps, float[] panels) {
        int width = MicroKernel.COLUMNS;
        int layer = Gemm.layer(steps);
        workers.parallelFor(Math.ceilDiv(vectors, width), panel -> {
            int first = panel * width;
            int count = Math.min(width, vectors - first);
            packLayers(first, count, width, 0, steps, layer, panels, first, padded(vectors));
        });
    }

    /** {@code vectors} in whole panels. */
    static int padded(int vectors) {
        return Math.ceilDiv(vectors, MicroKernel.COLUMNS) * MicroKernel.COLUMNS;
    }

    /** The floats of {@code vectors} in panels. */
    static int packedSize(int vectors, int steps) {
        return Math.multiplyExact(padded(vectors), steps);
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
