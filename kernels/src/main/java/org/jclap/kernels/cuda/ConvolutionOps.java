package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudnnPlan.Direction.FORWARD;
import static org.jclap.kernels.cuda.CudnnPlan.Direction.INPUT_GRADIENT;
import static org.jclap.kernels.cuda.CudnnPlan.Direction.WEIGHT_GRADIENT;
import static org.jclap.kernels.cuda.Family.CONVOLUTION;

import org.jclap.kernels.cuda.CudnnPlan.Direction;
import org.jclap.kernels.cuda.DeviceMemory.Workspace;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * {@code convolution.cu}: products are named for the direction, the tile and the element type. What {@link Cudnn} takes, it
 * computes.
 */
final class ConvolutionOps {
    private static final int LARGE_TILE = 128;
    private static final int SMALL_TILE = 64;

    /** Blocks that fill the largest device once; with fewer of the large tile, the small one has more to share out. */
    private static final int FULL_DEVICE = 128;

    /** So many blocks share out the pixels of a weight gradient, if there are enough of them. */
    private static final int MANY_BLOCKS = 512;

    private static final int SHORTEST_CHUNK = 256;

    private final Launcher launcher;
    private final DeviceMemory memory;
    private final LayoutOps layouts;
    private final @Nullable Cudnn cudnn;

    ConvolutionOps(Launcher launcher, DeviceMemory memory, LayoutOps layouts, @Nullable Cudnn cudnn) {
        this.cudnn = cudnn;
        this.launcher = launcher;
        this.memory = memory;
        this.layouts = layouts;
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
            int tile = tile(from.dtype(), rows, columns);
            launcher.kernel(CONVOLUTION, direction + "_" + tile, from.dtype())
                    .tensor(from)
                    .address(arranged.address())
                    .tensor(to)
                    .struct(geometry.struct())
                    .grid((int) tiles(rows, columns, tile), 1, 1, Launcher.THREADS, 1);
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
        int tile = x.dtype() == DType.F32 && rows > SMALL_TILE && columns > SMALL_TILE ? LARGE_TILE : SMALL_TILE;
        int tiles = (int) tiles(rows, columns, tile);
        int chunk = chunk(geometry.pixels(), tiles);
        int chunks = (int) Launcher.ceilDiv(geometry.pixels(), chunk);
        try (Workspace parts = memory.workspace((long) Float.BYTES * chunks * dw.size())) {
            launcher.kernel(CONVOLUTION, "weight_gradient_" + tile, x.dtype())
                    .tensor(x)
                    .tensor(dy)
                    .address(parts.address())
                    .struct(geometry.struct())
                    .i32(chunk)
                    .grid(tiles, chunks, 1, Launcher.THREADS, 1);
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

    private static int tile(DType type, int rows, int columns) {
        boolean large = type == DType.F32 && columns > SMALL_TILE && tiles(rows, columns, LARGE_TILE) >= FULL_DEVICE;
        return large ? LARGE_TILE : SMALL_TILE;
    }

    private static long tiles(int rows, int columns, int tile) {
        return Launcher.ceilDiv(rows, tile) * Launcher.ceilDiv(columns, tile);
    }
}
