package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudnnPlan.Direction.FORWARD;
import static org.jclap.kernels.cuda.CudnnPlan.Direction.INPUT_GRADIENT;
import static org.jclap.kernels.cuda.CudnnPlan.Direction.WEIGHT_GRADIENT;
import static org.jclap.kernels.cuda.Family.CONVOLUTION;
import static org.jclap.kernels.cuda.Family.TENSOR_CONVOLUTION;

import java.util.Locale;
import org.jclap.kernels.cuda.CudnnPlan.Direction;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * {@code convolution.cu} and, on tensor cores, {@code tensor_convolution.cu}: products are named for the direction, the tile
 * and the element type. What {@link Cudnn} takes, it computes.
 */
final class ConvolutionOps {
    /** So many blocks share out the pixels of a weight gradient, if there are enough of them. */
    private static final int MANY_BLOCKS = 512;

    private static final int SHORTEST_CHUNK = 256;

    /** From so many columns on, the largest tile leaves little of itself unused. */
    private static final int WIDE = 1024;

    private final Launcher launcher;
    private final DeviceMemory memory;
    private final LayoutOps layouts;
    private final TensorCores tensorCores;
    private final @Nullable Cudnn cudnn;

    ConvolutionOps(
            Launcher launcher, DeviceMemory memory, LayoutOps layouts, TensorCores tensorCores, @Nullable Cudnn cudnn) {
        this.launcher = launcher;
        this.memory = memory;
        this.layouts = layouts;
        this.tensorCores = tensorCores;
        this.cudnn = cudnn;
    }

    /** Patches of {@code from}, one for each pixel of {@code to}, and the weights {@code (C_out, C_in, KH, KW)}. */
    private record Geometry(Shape from, Shape to, Shape w, int stride, int padding) {
        /** The struct {@code Geometry}. */
        int[] struct() {
            return new int[] {
                to.dim(0),
                from.dim(1),
                from.dim(2),
                from.dim(3),
                to.dim(1),
                to.dim(2),
                to.dim(3),
                w.dim(2),
                w.dim(3),
                stride,
                padding
            };
        }

        int pixels() {
            return to.product(0, 3);
        }

        int taps() {
            return w.dim(2) * w.dim(3);
        }

        /** Elements of a patch. */
        int patch() {
            return taps() * from.dim(3);
        }
    }

    void forward(Convolution.Forward op, Tensor x, Tensor w, Tensor y) {
        if (isVendors(FORWARD, x, w, y, op.stride(), op.padding())) {
            return;
        }
        product(
                "forward",
                "arrange",
                x,
                w,
                y,
                new Geometry(x.shape(), y.shape(), w.shape(), op.stride(), op.padding()));
    }

    /** Whether there is something to compute, and the library has taken it. */
    private boolean isVendors(Direction direction, Tensor x, Tensor w, Tensor y, int stride, int padding) {
        return cudnn != null
                && x.size() > 0
                && w.size() > 0
                && y.size() > 0
                && cudnn.compute(direction, x, w, y, stride, padding);
    }

    void backwardInput(Convolution.BackwardInput op, Tensor w, Tensor dy, Tensor dx) {
        if (isVendors(INPUT_GRADIENT, dx, w, dy, op.stride(), op.padding())) {
            return;
        }
        var geometry = new Geometry(dy.shape(), dx.shape(), w.shape(), op.stride(), op.padding());
        product("input_gradient", "arrange_taps_first", dy, w, dx, geometry);
    }

    /** {@code to} is the product of the patches of {@code from} and the weights, once those are in the patches' order. */
    private void product(String direction, String arrange, Tensor from, Tensor w, Tensor to, Geometry geometry) {
        if (to.size() == 0) {
            return;
        }
        if (from.size() == 0) {
            layouts.fill(new Assign.Fill(0), to);
            return;
        }
        try (Workspace arranged = memory.workspace((long) w.size() * w.dtype().bytes())) {
            launcher.kernel(CONVOLUTION, arrange, w.dtype()).tensor(w).address(arranged.address());
            weightOrder(w.shape());
            launcher.forEach(w.size(), 1);
            int rows = geometry.pixels();
            int columns = to.shape().dim(3);
            Tile tile = tile(from.dtype(), rows, columns);
            kernel(direction, tile, from.dtype())
                    .tensor(from)
                    .address(arranged.address())
                    .tensor(to)
                    .struct(geometry.struct())
                    .grid(tile.count(rows, columns), 1, 1, tile.threads(), 1);
        }
    }

    void backwardWeight(Convolution.BackwardWeight op, Tensor x, Tensor dy, Tensor dw) {
        if (isVendors(WEIGHT_GRADIENT, x, dw, dy, op.stride(), op.padding())) {
            return;
        }
        if (x.size() == 0 || dy.size() == 0) {
            layouts.fill(new Assign.Fill(0), dw);
            return;
        }
        Geometry geometry = new Geometry(x.shape(), dy.shape(), dw.shape(), op.stride(), op.padding());
        int rows = dw.shape().dim(0);
        int columns = geometry.patch();
        Tile tile = weightTile(x.dtype(), rows, columns);
        int tiles = tile.count(rows, columns);
        int chunk = chunk(geometry.pixels(), tiles);
        int chunks = (int) Launcher.ceilDiv(geometry.pixels(), chunk);
        try (Workspace parts = memory.workspace((long) Float.BYTES * chunks * dw.size())) {
            kernel("weight_gradient", tile, x.dtype())
                    .tensor(x)
                    .tensor(dy)
                    .address(parts.address())
                    .struct(geometry.struct())
                    .i32(chunk)
                    .grid(tiles, chunks, 1, tile.threads(), 1);
            launcher.kernel(CONVOLUTION, "sum_parts", dw.dtype())
                    .address(parts.address())
                    .tensor(dw);
            weightOrder(dw.shape()).i32(chunks).forEach(dw.size(), 1);
        }
    }

    /** How many weights there are, and of what extents. */
    private Launcher weightOrder(Shape w) {
        return launcher.i32(w.size()).i32(w.dim(0)).i32(w.dim(1)).i32(w.dim(2) * w.dim(3));
    }

    /** The pixels that one block sums: a function of the shapes alone, as results depend on it. */
    private static int chunk(int pixels, int tiles) {
        return (int) Math.max(SHORTEST_CHUNK, Launcher.ceilDiv(pixels, Math.max(1, MANY_BLOCKS / tiles)));
    }

    /** The kernel for this tile, with the shared memory that it takes. */
    private Launcher kernel(String direction, Tile tile, DType type) {
        String name = direction + "_" + tile.label();
        return tile.onTensorCores()
                ? launcher.kernel(
                                TENSOR_CONVOLUTION,
                                name + "_" + TensorCores.name(type).toLowerCase(Locale.ROOT))
                        .shared(tile.shared())
                : launcher.kernel(CONVOLUTION, name, type);
    }

    private Tile tile(DType type, int rows, int columns) {
        if (!tensorCores.multiply(type)) {
            boolean large = type == DType.F32
                    && columns > Tile.FMA_SMALL.columns()
                    && Tile.FMA_LARGE.fillsDevice(rows, columns, 1);
            return large ? Tile.FMA_LARGE : Tile.FMA_SMALL;
        }
        boolean tall = type != DType.F32 && columns <= Tile.TALL.columns() && Tile.TALL.fillsDevice(rows, columns, 1);
        return tall ? Tile.TALL : tensorCores.tile(type, rows, columns, 1);
    }

    /** Rows are the channels of the result; there are enough pixels for many blocks of any tile. */
    private Tile weightTile(DType type, int rows, int columns) {
        boolean small = rows <= Tile.FMA_SMALL.rows() || columns <= Tile.FMA_SMALL.columns();
        if (!tensorCores.multiply(type)) {
            return small || type != DType.F32 ? Tile.FMA_SMALL : Tile.FMA_LARGE;
        }
        if (small || type == DType.F32) {
            return Tile.SMALL;
        }
        return columns < WIDE ? Tile.MEDIUM : Tile.LARGE;
    }
}
