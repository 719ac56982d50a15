package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.REDUCTION;

import java.util.List;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** {@code reduction.cu}: kernels are named for the function, the direction, and the types read and written. */
final class ReductionOps {
    /** Enough blocks to keep the largest device busy. */
    private static final int MANY_BLOCKS = 512;

    private static final int ROW_CHUNK = 8192;
    private static final int COLUMN_CHUNK = 512;
    private static final int TILE = 32;
    private static final int TILE_ROWS = 8;
    /** Up to so many values, a warp finds the largest of a row by itself. */
    private static final int ROW_OF_WARP = 1024;

    /** Whose addresses are parameters of one launch. */
    private static final int MAX_TENSORS = 240;

    private static final int MAX_GRID = 65_535;

    private final Launcher launcher;
    private final DeviceMemory memory;

    ReductionOps(Launcher launcher, DeviceMemory memory) {
        this.launcher = launcher;
        this.memory = memory;
    }

    /** Device memory as {@code (outer, n, inner)}. */
    private record Operand(long address, DType dtype, int outer, int n, int inner) {
        static Operand of(Tensor x, int from, int to) {
            Shape shape = x.shape();
            return new Operand(
                    CudaStorage.address(x),
                    x.dtype(),
                    shape.product(0, from),
                    shape.product(from, to),
                    shape.product(to, shape.rank()));
        }

        /** How many of n values one block reduces; a function of the shape alone, as results depend on it. */
        int chunk() {
            long blocks = inner == 1 ? outer : Launcher.ceilDiv(inner, TILE) * outer;
            int shortest = inner == 1 ? ROW_CHUNK : COLUMN_CHUNK;
            return blocks >= MANY_BLOCKS || n <= shortest ? Math.max(1, n) : shortest;
        }

        int chunks() {
            return (int) Math.max(1, Launcher.ceilDiv(n, chunk()));
        }
    }

    void reduce(Reduction.Reduce op, Tensor x, Tensor y) {
        Operand operand = Operand.of(x, op.from(), op.to());
        String function = switch (op.kind()) {
            case SUM, MEAN -> "sum";
            case MAX -> "max";
        };
        // Of nothing the mean is 0 times infinity, which is NaN.
        float scale = op.kind() == Reduction.Kind.MEAN ? 1f / operand.n : 1f;
        reduce(function, operand, CudaStorage.address(y), y.dtype(), scale);
    }

    /** {@code y (columns) = scale Σ} of the rows of an F32 matrix in device memory. */
    void sumOfRows(long matrix, int rows, int columns, Tensor y) {
        reduce("sum", new Operand(matrix, DType.F32, 1, rows, columns), CudaStorage.address(y), y.dtype(), 1);
    }

    /** In one launch, or in two by way of the F32 results of chunks. */
    private void reduce(String function, Operand x, long y, DType type, float scale) {
        if (x.outer == 0 || x.inner == 0) {
            return;
        }
        int chunks = x.chunks();
        if (chunks == 1) {
            launch(function, x, y, type, scale);
            return;
        }
        try (Workspace parts = memory.workspace((long) Float.BYTES * x.outer * chunks * x.inner)) {
            launch(function, x, parts.address(), DType.F32, 1);
            Operand second = new Operand(parts.address(), DType.F32, x.outer, chunks, x.inner);
            launchWhole(function, second, y, type, scale);
        }
    }

    private void launch(String function, Operand x, long y, DType type, float scale) {
        launch(function, x, x.chunk(), x.chunks(), y, type, scale);
    }

    private void launchWhole(String function, Operand x, long y, DType type, float scale) {
        launch(function, x, x.n, 1, y, type, scale);
    }

    private void launch(String function, Operand x, int chunk, int chunks, long y, DType type, float scale) {
        boolean rows = x.inner == 1;
        launcher.kernel(REDUCTION, function + (rows ? "_rows_" : "_columns_") + x.dtype, type)
                .address(x.address)
                .address(y)
                .i32(x.outer)
                .i32(x.n);
        if (rows) {
            launcher.i32(chunk).f32(scale).grid(chunks, Math.min(x.outer, MAX_GRID), 1, Launcher.THREADS, 1);
        } else {
            launcher.i32(x.inner)
                    .i32(chunk)
                    .f32(scale)
                    .grid(
                            Math.toIntExact(chunks * Launcher.ceilDiv(x.inner, TILE)),
                            Math.min(x.outer, MAX_GRID),
                            1,
                            TILE,
                            TILE_ROWS);
        }
    }

    void maxBackward(Reduction.MaxBackward op, Tensor x, Tensor dy, Tensor dx) {
        Operand operand = Operand.of(x, op.from(), op.to());
        if (x.size() == 0) {
            return;
        }
        boolean rows = operand.inner == 1;
        launcher.kernel(REDUCTION, rows ? "max_backward_rows" : "max_backward", x.dtype())
                .tensor(x)
                .tensor(dy)
                .tensor(dx)
                .i32(operand.outer)
                .i32(operand.n);
        if (!rows) {
            int blocks = (int) Launcher.ceilDiv(operand.inner, TILE);
            launcher.i32(operand.inner).grid(blocks, Math.min(operand.outer, MAX_GRID), 1, TILE, TILE_ROWS);
        } else if (operand.n <= ROW_OF_WARP) {
            launcher.grid((int) Launcher.ceilDiv(operand.outer, TILE_ROWS), 1, 1, TILE, TILE_ROWS);
        } else {
            launcher.grid(operand.outer, 1, 1, Launcher.THREADS, 1);
        }
    }

    /** The sum of the squares of each piece of each input, and one launch that adds them up. */
    void sumOfSquares(List<Tensor> inputs, Tensor y) {
        var launches = TensorGroups.launches(inputs.stream().map(List::of).toList(), 1, MAX_TENSORS);
        int pieces = launches.values().stream()
                .flatMap(List::stream)
                .mapToInt(TensorGroups::blocks)
                .sum();
        try (Workspace parts = memory.workspace((long) Float.BYTES * Math.max(1, pieces))) {
            long[] at = {parts.address()};
            launches.forEach((type, groups) -> {
                for (TensorGroups some : groups) {
                    launcher.kernel(REDUCTION, "squares", type)
                            .struct(some.struct())
                            .address(at[0])
                            .grid(some.blocks(), 1, 1, Launcher.THREADS, 1);
                    at[0] += (long) Float.BYTES * some.blocks();
                }
            });
            Operand sums = new Operand(parts.address(), DType.F32, 1, pieces, 1);
            launchWhole("sum", sums, CudaStorage.address(y), y.dtype(), 1);
        }
    }
}
