package org.jclap.kernels.vector;

import java.util.Arrays;

/**
 * A view of an array that is read in the row-major order of its sizes: element (i0, i1, ...) is {@code data[offset + i0
 * * strides[0] + i1 * strides[1] + ...]}. A stride of 0 repeats, which is how operands are broadcast.
 */
@SuppressWarnings("ArrayRecordComponent")
public record Strided(float[] data, int offset, int[] sizes, int[] strides) {
    /**
     * Drops dimensions of size 1 and merges neighbours that lie in one run, so that the last run is as long as can be.
     */
    public Strided {
        if (sizes.length != strides.length) {
            throw new IllegalArgumentException("%d sizes, %d strides".formatted(sizes.length, strides.length));
        }
        var mergedSizes = new int[sizes.length + 1];
        var mergedStrides = new int[sizes.length + 1];
        var rank = 0;
        for (var d = 0; d < sizes.length; d++) {
            if (sizes[d] == 1) {
                continue;
            }
            if (rank > 0 && mergedStrides[rank - 1] == strides[d] * sizes[d]) {
                mergedSizes[rank - 1] *= sizes[d];
                mergedStrides[rank - 1] = strides[d];
            } else {
                mergedSizes[rank] = sizes[d];
                mergedStrides[rank] = strides[d];
                rank++;
            }
        }
        sizes = Arrays.copyOf(mergedSizes, rank);
        strides = Arrays.copyOf(mergedStrides, rank);
    }

    /** The elements from offset on, as they lie. */
    public static Strided contiguous(float[] data, int offset) {
        return new Strided(data, offset, new int[] {Integer.MAX_VALUE}, new int[] {1});
    }

    /** One value, repeated. */
    public static Strided scalar(float value) {
        return new Strided(new float[] {value}, 0, new int[] {Integer.MAX_VALUE}, new int[] {0});
    }

    boolean isContiguous() {
        return sizes.length == 0 || (sizes.length == 1 && strides[0] == 1);
    }

    /** Where elements {@code from..from+count-1} can be read: in the data, or in {@code chunk} after a gather. */
    int fetch(int from, int count, float[] chunk) {
        if (isContiguous()) {
            return offset + from;
        }
        gather(from, count, chunk, 0);
        return 0;
    }

    /** Copies elements {@code from..from+count-1} of the row-major order to {@code target[at...]}. */
    void gather(int from, int count, float[] target, int at) {
        if (isContiguous()) {
            System.arraycopy(data, offset + from, target, at, count);
            return;
        }
        int last = sizes.length - 1;
        var done = 0;
        while (done < count) {
            int linear = from + done;
            int run = Math.min(count - done, sizes[last] - linear % sizes[last]);
            copyRun(position(linear), strides[last], run, target, at + done);
            done += run;
        }
    }

    private int position(int linear) {
        int place = offset;
        for (var d = sizes.length - 1; d >= 0; d--) {
            place += linear % sizes[d] * strides[d];
            linear /= sizes[d];
        }
        return place;
    }

    private void copyRun(int from, int stride, int run, float[] target, int at) {
        if (stride == 0) {
            Arrays.fill(target, at, at + run, data[from]);
        } else if (stride == 1 && run >= Lanes.COUNT) {
            System.arraycopy(data, from, target, at, run);
        } else {
            for (var i = 0; i < run; i++) {
                target[at + i] = data[from + i * stride];
            }
        }
    }
}
