package org.jclap.kernels.vector;

import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;

/**
 * The panels of matrices that never change: packed at their first use and kept with their storage, they take as much
 * memory again, and every later product is spared the packing, which does not shrink with the rows.
 *
 * <p>The filters of Winograd's convolution are not kept: transformed they would take four times the memory of the weights.
 */
final class ConstantWeights {
    private final Workers workers;

    ConstantWeights(Workers workers) {
        this.workers = workers;
    }

    /** What panels are remembered by. */
    private record Columns(Matrix b, int n, int k) {}

    /** The columns of b {@code (k, n)}, a view of the constant w. */
    Panels columns(Tensor w, Matrix b, int n, int k) {
        Panels columns = b.asRight();
        HostStorage panels = w.host().arranged(new Columns(b, n, k), () -> {
            var packed = (HostStorage) w.backend().allocate(DType.F32, Panels.packedSize(n, k));
            columns.packAll(workers, n, k, packed.floats());
            return packed;
        });
        return new Panels.Packed(columns, panels.floats());
    }
}
