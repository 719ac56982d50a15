package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;
import static org.jclap.kernels.cuda.Family.LAYOUT;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** {@code layout.cu}: kernels are named for what they do and the size of an element. */
final class LayoutOps {
    private static final int TILE = 32;
    private static final int TILE_ROWS = 8;
    private static final int MAX_GRID_Y = 65_535;

    private final Launcher launcher;

    /** What kernels do, each with one for every size of an element. */
    @SuppressWarnings("ImmutableEnumChecker") // its list cannot be changed
    private enum Move {
        FILL,
        TRANSPOSE,
        GATHER,
        COPY_ROWS;

        /** By the bits of an element, which are a power of two from 8 to 64. */
        private final List<String> kernels = IntStream.of(8, 16, 32, 64)
                .mapToObj(bits -> "%s_b%d".formatted(name().toLowerCase(Locale.ROOT), bits))
                .toList();

        String kernel(DType type) {
            return kernels.get(Integer.numberOfTrailingZeros(type.bytes()));
        }
    }

    LayoutOps(Launcher launcher) {
        this.launcher = launcher;
    }

    /** The same elements, laid out in the same way. */
    void copy(Tensor x, Tensor y) {
        long bytes = (long) y.size() * y.dtype().bytes();
        if (bytes > 0) {
            int status = JCudaDriver.cuMemcpyDtoDAsync(
                    CudaStorage.pointer(y),
                    CudaStorage.pointer(x),
                    bytes,
                    launcher.stream().handle());
            if (status != 0) {
                check(status, "cuMemcpyDtoDAsync of %d bytes".formatted(bytes));
            }
        }
    }

    void fill(Assign.Fill op, Tensor target) {
        fill(target, op.value());
    }

    private void fill(Tensor y, double value) {
        HostStorage element = HostStorage.create(y.dtype(), 1);
        element.set(0, value);
        launcher.kernel(LAYOUT, Move.FILL.kernel(y.dtype())).tensor(y).i32(y.size());
        // The device reads as many low bytes as the element has.
        switch (y.dtype()) {
            case F32 -> launcher.f32(element.floats()[0]);
            case F64 -> launcher.i64(Double.doubleToRawLongBits(element.doubles()[0]));
            case F16, BF16 -> launcher.i32(element.shorts()[0]);
            case I32 -> launcher.i32(element.ints()[0]);
            case I64 -> launcher.i64(element.longs()[0]);
            case BOOL -> launcher.i32(element.bytes()[0]);
        }
        launcher.forEachPack(y);
    }

    void permute(Layout.Permute op, Tensor x, Tensor y) {
        Axes axes = Axes.permuted(x.shape(), op.order(), y.shape());
        int[] transposition = axes.transposition();
        if (transposition == null) {
            gather(x, y, axes);
        } else {
            transpose(x, y, transposition[0], transposition[2], transposition[1]);
        }
    }

    private void transpose(Tensor x, Tensor y, int batch, int rows, int columns) {
        transpose(y.dtype(), CudaStorage.address(x), CudaStorage.address(y), batch, rows, columns);
    }

    /** x {@code (batch, rows, columns)} to y {@code (batch, columns, rows)}, at these addresses. */
    void transpose(DType type, long x, long y, int batch, int rows, int columns) {
        if (batch > 0 && rows > 0 && columns > 0) {
            long tiles = Launcher.ceilDiv(rows, TILE) * Launcher.ceilDiv(columns, TILE);
            launcher.kernel(LAYOUT, Move.TRANSPOSE.kernel(type))
                    .address(x)
                    .address(y)
                    .i32(batch)
                    .i32(rows)
                    .i32(columns)
                    .grid((int) tiles, Math.min(batch, MAX_GRID_Y), 1, TILE, TILE_ROWS);
        }
    }

    void broadcast(Tensor x, Tensor y) {
        gather(x, y, Axes.broadcast(x.shape(), y.shape()));
    }

    private void gather(Tensor x, Tensor y, Axes axes) {
        launcher.kernel(LAYOUT, Move.GATHER.kernel(y.dtype()))
                .tensor(x)
                .tensor(y)
                .i32(y.size())
                .struct(axes.struct())
                .forEach(y.size(), 1);
    }

    void slice(Layout.Slice op, Tensor x, Tensor y) {
        int inner = inner(x.shape(), op.axis());
        int length = x.shape().dim(op.axis()) * inner;
        copyRows(x, op.from() * inner, length, y, 0, (op.to() - op.from()) * inner, y.size());
    }

    void pad(Layout.Pad op, Tensor x, Tensor y) {
        int inner = inner(x.shape(), op.axis());
        fill(y, 0);
        int length = x.shape().dim(op.axis()) * inner;
        copyRows(x, 0, length, y, op.before() * inner, y.shape().dim(op.axis()) * inner, x.size());
    }

    void concat(Layout.Concat op, List<Tensor> inputs, Tensor y) {
        int pitch = y.shape().dim(op.axis()) * inner(y.shape(), op.axis());
        int at = 0;
        for (Tensor x : inputs) {
            int length = x.shape().dim(op.axis()) * inner(x.shape(), op.axis());
            copyRows(x, 0, length, y, at, pitch, x.size());
            at += length;
        }
    }

    /** Copies {@code n} elements, row by row: rows begin at multiples of a pitch, which the shorter of the two fills. */
    private void copyRows(Tensor x, int fromX, int pitchX, Tensor y, int toY, int pitchY, int n) {
        int width = y.dtype().bytes();
        launcher.kernel(LAYOUT, Move.COPY_ROWS.kernel(y.dtype()))
                .address(CudaStorage.address(x) + (long) fromX * width)
                .address(CudaStorage.address(y) + (long) toY * width)
                .i32(n)
                .i32(Math.min(pitchX, pitchY))
                .i32(pitchX)
                .i32(pitchY)
                .forEach(n, 1);
    }

    /** Elements of one index along an axis. */
    private static int inner(Shape shape, int axis) {
        return shape.product(axis + 1, shape.rank());
    }
}
