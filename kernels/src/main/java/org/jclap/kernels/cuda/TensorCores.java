package org.jclap.kernels.cuda;

import org.jclap.tensor.type.DType;

/**
 * What our kernels multiply on tensor cores, and in which tiles.
 *
 * @param compute the device's compute capability times 10
 * @param tf32 whether F32 may be rounded to TF32
 */
record TensorCores(int compute, boolean tf32) {
    /** Ampere, whose instructions the kernels are made of. */
    private static final int OLDEST_COMPUTE = 80;

    /** Whether matrices of this type are multiplied there. */
    boolean multiply(DType type) {
        boolean fits = switch (type) {
            case BF16, F16 -> true;
            case F32 -> tf32;
            case F64, I32, I64, BOOL -> false;
        };
        return fits && compute >= OLDEST_COMPUTE;
    }

    /**
     * The largest tile that fills the device, and is filled itself. Products of F32 have none of 256 columns: their
     * fragments leave no registers.
     */
    Tile tile(DType type, int m, int n, int batch) {
        if (type != DType.F32 && n > Tile.MEDIUM.columns() && Tile.LARGE.fillsDevice(m, n, batch)) {
            return Tile.LARGE;
        }
        boolean medium = n > Tile.SMALL.columns() && Tile.MEDIUM.fillsDevice(m, n, batch);
        return medium ? Tile.MEDIUM : Tile.SMALL;
    }

    /** The type by which kernels are named that multiply it. */
    static String name(DType type) {
        return type == DType.F32 ? "tf32" : type.toString();
    }
}
