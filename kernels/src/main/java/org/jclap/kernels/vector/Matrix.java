package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * A strided view of a matrix: element (i, j) is {@code data[offset + i * rowStride + j * columnStride]}.
 *
 * @param data the array that holds the elements
 * @param offset the place of element (0, 0)
 * @param rowStride the distance between rows
 * @param columnStride the distance between columns
 */
@SuppressWarnings("ArrayRecordComponent")
public record Matrix(float[] data, int offset, int rowStride, int columnStride) {
    /** Steps that are transposed together: their cache lines stay in L1 until all their vectors are written. */
    private static final int TRANSPOSE_BLOCK = 16;

    /** A row-major matrix whose rows are {@code leading} floats apart. */
    public static Matrix rowMajor(float[] data, int offset, int leading) {
        return new Matrix(data, offset, leading, 1);
    }

    /** The same elements with rows and columns exchanged; nothing is copied. */
    public Matrix transposed() {
        return new Matrix(data, offset, columnStride, rowStride);
    }

    /** The same view, {@code distance} elements further on. */
    public Matrix shifted(int distance) {
        return new Matrix(data, offset + distance, rowStride, columnStride);
    }

    Panels asLeft() {
        return (first, count, width, step, steps, panel, at) -> pack(
                data,
                offset + first * rowStride + step * columnStride,
                rowStride,
                columnStride,
                count,
                width,
                steps,
                panel,
                at);
    }

    Panels asRight() {
        return transposed().asLeft();
    }

    private static void pack(
            float[] data,
            int from,
            int vectorStride,
            int stepStride,
            int count,
            int width,
            int steps,
            float[] panel,
            int at) {
        if (vectorStride == 1) {
            for (var p = 0; p < steps; p++) {
                copy(data, from + p * stepStride, count, width, panel, at + p * width);
            }
            return;
        }
        var p0 = 0;
        if (stepStride == 1 && count == width) {
            p0 = packTiles(data, from, vectorStride, width, steps, panel, at);
        }
        for (; p0 < steps; p0 += TRANSPOSE_BLOCK) {
            int p1 = Math.min(steps, p0 + TRANSPOSE_BLOCK);
            for (var v = 0; v < count; v++) {
                int source = from + v * vectorStride;
                for (var p = p0; p < p1; p++) {
                    panel[at + p * width + v] = data[source + p * stepStride];
                }
            }
        }
        if (count < width) {
            for (var p = 0; p < steps; p++) {
                Arrays.fill(panel, at + p * width + count, at + (p + 1) * width, 0f);
            }
        }
    }

    /** Packs by square tiles of vectors that lie along the steps, and returns the first step that is left. */
    private static int packTiles(
            float[] data, int from, int vectorStride, int width, int steps, float[] panel, int at) {
        var scratch = Scratch.take(Lanes.COUNT * Lanes.COUNT);
        int whole = Lanes.bound(steps);
        for (var v = 0; v < width; v += Lanes.COUNT) {
            for (var p = 0; p < whole; p += Lanes.COUNT) {
                TileTranspose.run(
                        data, from + v * vectorStride + p, vectorStride, panel, at + p * width + v, width, scratch);
            }
        }
        Scratch.give(scratch);
        return whole;
    }

    private static void copy(float[] data, int from, int count, int width, float[] panel, int at) {
        if (count == width) {
            for (var q = 0; q < width; q += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, data, from + q).intoArray(panel, at + q);
            }
        } else {
            System.arraycopy(data, from, panel, at, count);
            Arrays.fill(panel, at + count, at + width, 0f);
        }
    }
}
