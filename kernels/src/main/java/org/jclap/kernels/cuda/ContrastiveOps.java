package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.Family.CONTRASTIVE;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Cast;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * {@code contrastive.cu}: kernels are named for what they do and for the labels. The logits are seen in square tiles, each a
 * matrix product in F32, used for both sides and forgotten; memory is up to three tiles and a few numbers a row. Tiles follow
 * each other in the stream, so they may add to sums over rows and over columns, in one order each time.
 */
final class ContrastiveOps {
    private static final int ROWS_OF_BLOCK = 8;
    private static final int WARP = 32;
    /** Numbers that {@code Part} keeps for a line. */
    private static final int FIELDS = 5;

    private final Launcher launcher;
    private final int tileSize;

    /** Tiles of up to {@code tileSize} rows and columns. */
    ContrastiveOps(Launcher launcher, int tileSize) {
        this.launcher = launcher;
        this.tileSize = tileSize;
    }

    /** {@code Kind} in the source. */
    private enum Kind {
        TEACHER(0),
        HARD(1),
        REFERENCE(2),
        NORMALISED(3),
        SOFTENED(4);

        /** The kernels' number for it. */
        private final int number;

        Kind(int number) {
            this.number = number;
        }

        static Kind of(double beta, Targets targets) {
            if (beta == 0) {
                return HARD;
            }
            return switch (targets) {
                case REFERENCE -> REFERENCE;
                case NORMALISED -> NORMALISED;
                case SOFTENED -> SOFTENED;
            };
        }
    }

    /** Rows and columns of the N x N matrix: the struct {@code Tile}. */
    private record Tile(int row, int rows, int column, int columns, int n) {
        int[] struct() {
            return new int[] {row, rows, column, columns, n};
        }
    }

    /** How products become logits or similarities: the struct {@code Values}. */
    private record Values(long logScale, float factor, float largest) {
        static Values logits(Tensor logScale) {
            return new Values(CudaStorage.address(logScale), 1, (float) Contrastive.MAX_LOGIT);
        }

        static Values similarities(double temperature) {
            return new Values(0, (float) (1 / temperature), Float.POSITIVE_INFINITY);
        }

        int[] struct() {
            return new int[] {
                (int) logScale,
                (int) (logScale >>> 32),
                Float.floatToRawIntBits(factor),
                Float.floatToRawIntBits(largest)
            };
        }
    }

    /** The labels' constants, and for each side the teacher {@code (N, P)}; none for hard labels. */
    private record Labels(Kind kind, double beta, double temperature, List<Tensor> teachers) {
        /** The struct {@code Labels} of a side, with similarities in a tile and normalisers of lines. */
        int[] struct(long similarities, long normalisers) {
            return new int[] {
                (int) similarities,
                (int) (similarities >>> 32),
                (int) normalisers,
                (int) (normalisers >>> 32),
                Float.floatToRawIntBits((float) beta),
                Float.floatToRawIntBits((float) (1 / temperature))
            };
        }

        /** Of both sides, the similarities in a tile; addresses 0 for hard labels. */
        long[] similarities(Tile tile) {
            long[] addresses = new long[2];
            for (int side = 0; side < teachers.size(); side++) {
                Tensor teacher = teachers.get(side);
                addresses[side] = CudaStorage.address(product(teacher, teacher, tile));
            }
            return addresses;
        }
    }

    // ------------------------------------------------------------------------------------------------ forward

    void forward(Contrastive.Forward op, List<Tensor> in, List<Tensor> out) {
        compute(in, out, operands -> {
            Kind kind = Kind.of(op.beta(), op.targets());
            return forward(
                    operands, new Labels(kind, op.beta(), op.temperature(), operands.subList(3, operands.size())));
        });
    }

    private List<Tensor> forward(List<Tensor> in, Labels labels) {
        Tensor audio = in.get(0);
        int n = audio.shape().dim(0);
        Tensor lines = empty(in, 2 * FIELDS, n);
        Tensor teacherSums = labels.kind == Kind.SOFTENED ? teacherSums(in, labels) : empty(in, 2, n);
        Values values = Values.logits(in.get(2));
        forEachTile(n, tile -> {
            Tensor x = product(audio, in.get(1), tile);
            long[] similarities = labels.similarities(tile);
            for (int side = 0; side < 2; side++) {
                int[] struct = labels.struct(similarities[side], row(teacherSums, side));
                addLines(labels.kind, side == 0, x, values, struct, row(lines, side * FIELDS), tile);
            }
        });
        Tensor statistics = empty(in, 6, n);
        Tensor losses = empty(in, 2, n);
        launcher.kernel(CONTRASTIVE, "finish")
                .tensor(lines)
                .tensor(teacherSums)
                .tensor(statistics)
                .tensor(losses)
                .i32(n)
                .i32(labels.kind.number);
        forBothSides(n);
        return List.of(Tensor.apply(new Reduction.Reduce(Reduction.Kind.MEAN, 0, 2, false), losses), statistics);
    }

    /** The log-sum-exp {@code (2, N)} of the rows of both teachers; a tile's columns are rows of its mirror image. */
    private Tensor teacherSums(List<Tensor> in, Labels labels) {
        int n = in.getFirst().shape().dim(0);
        Tensor lines = empty(in, 2 * FIELDS, n);
        Values values = Values.similarities(labels.temperature);
        int[] none = labels.struct(0, 0);
        for (int side = 0; side < 2; side++) {
            Tensor teacher = labels.teachers.get(side);
            long own = row(lines, side * FIELDS);
            forEachTile(n, tile -> {
                if (tile.row < tile.column) {
                    Tensor x = product(teacher, teacher, tile);
                    addLines(Kind.TEACHER, false, x, values, none, own, tile);
                    addLines(Kind.TEACHER, true, x, values, none, own, tile);
                } else if (tile.row == tile.column) {
                    addLines(Kind.TEACHER, true, product(teacher, teacher, tile), values, none, own, tile);
                }
            });
        }
        Tensor sums = empty(in, 2, n);
        launcher.kernel(CONTRASTIVE, "log_sums").tensor(lines).tensor(sums).i32(n);
        forBothSides(n);
        return sums;
    }

    /** Adds the rows of a tile, or its columns, to what is known of the lines; the first tile of a line starts it. */
    private void addLines(Kind kind, boolean ofRows, Tensor x, Values values, int[] labels, long lines, Tile tile) {
        launcher.kernel(CONTRASTIVE, name(ofRows ? "rows" : "columns", kind))
                .tensor(x)
                .struct(values.struct())
                .struct(labels)
                .address(lines)
                .struct(tile.struct())
                .i32((ofRows ? tile.column : tile.row) == 0 ? 1 : 0);
        if (ofRows) {
            forRows(tile);
        } else {
            launcher.grid((int) Launcher.ceilDiv(tile.columns, WARP), 1, 1, WARP, WARP);
        }
    }

    // ------------------------------------------------------------------------------------------------ backward

    void backward(Contrastive.Backward op, List<Tensor> in, List<Tensor> out) {
        compute(in, out, operands -> {
            Kind kind = Kind.of(op.beta(), op.targets());
            return backward(
                    operands, new Labels(kind, op.beta(), op.temperature(), operands.subList(5, operands.size())));
        });
    }

    private List<Tensor> backward(List<Tensor> in, Labels labels) {
        Tensor audio = in.get(0);
        Tensor text = in.get(1);
        Tensor statistics = in.get(3);
        int n = audio.shape().dim(0);
        Values values = Values.logits(in.get(2));
        Tensor dAudio = Tensor.empty(audio.backend(), audio.shape(), DType.F32);
        Tensor dText = Tensor.empty(audio.backend(), audio.shape(), DType.F32);
        Tensor dLogScale = empty(in, 1, n);
        forEachTile(n, tile -> {
            Tensor x = product(audio, text, tile);
            long[] similarities = labels.similarities(tile);
            launcher.kernel(CONTRASTIVE, name("gradient", labels.kind))
                    .tensor(x)
                    .struct(values.struct())
                    .struct(labels.struct(similarities[0], row(statistics, 2)))
                    .struct(labels.struct(similarities[1], row(statistics, 5)))
                    .tensor(statistics)
                    .tensor(in.get(4))
                    .tensor(dLogScale)
                    .struct(tile.struct())
                    .i32(tile.column == 0 ? 1 : 0);
            forRows(tile);
            Tensor ofRows = rows(dAudio, tile.row, tile.rows);
            Tensor ofColumns = rows(dText, tile.column, tile.columns);
            add(new MatMul(false, false), x, rows(text, tile.column, tile.columns), ofRows, tile.column == 0);
            add(new MatMul(true, false), x, rows(audio, tile.row, tile.rows), ofColumns, tile.row == 0);
        });
        return List.of(dAudio, dText, Tensor.apply(new Reduction.Reduce(Reduction.Kind.SUM, 0, 2, false), dLogScale));
    }

    /** {@code target (+)= op(gradient) other}. */
    private static void add(MatMul op, Tensor gradient, Tensor other, Tensor target, boolean first) {
        if (first) {
            target.backend().run(op, List.of(gradient, other), List.of(target));
        } else {
            Tensor.applyAll(new Assign.Accumulate(1), List.of(target, Tensor.apply(op, gradient, other)));
        }
    }

    // ------------------------------------------------------------------------------------------------ tiles

    /** From operands in F32 to results in F32. */
    @FunctionalInterface
    private interface Computation {
        List<Tensor> of(List<Tensor> operands);
    }

    /** Widens the inputs, computes, and rounds the results; what was made in between is given back. */
    private static void compute(List<Tensor> in, List<Tensor> out, Computation computation) {
        Tensor.noGrad(() -> {
            try (Scope _ = Scope.open()) {
                List<Tensor> operands = new ArrayList<>();
                for (Tensor x : in) {
                    operands.add(x.dtype() == DType.F32 ? x : Tensor.apply(new Cast(DType.F32), x));
                }
                List<Tensor> results = computation.of(operands);
                for (int i = 0; i < out.size(); i++) {
                    Tensor y = out.get(i);
                    y.backend().run(new Cast(y.dtype()), List.of(results.get(i)), List.of(y));
                }
                return out;
            }
        });
    }

    /** What is done with a tile. */
    @FunctionalInterface
    private interface Body {
        void accept(Tile tile);
    }

    /** Visits every tile, row by row, each in a scope of its own. */
    private void forEachTile(int n, Body body) {
        for (int row = 0; row < n; row += tileSize) {
            for (int column = 0; column < n; column += tileSize) {
                try (Scope _ = Scope.open()) {
                    int rows = Math.min(tileSize, n - row);
                    body.accept(new Tile(row, rows, column, Math.min(tileSize, n - column), n));
                }
            }
        }
    }

    /** {@code a bᵀ} in a tile. */
    private static Tensor product(Tensor a, Tensor b, Tile tile) {
        return Tensor.apply(new MatMul(false, true), rows(a, tile.row, tile.rows), rows(b, tile.column, tile.columns));
    }

    private static Tensor rows(Tensor x, int from, int count) {
        return Tensor.apply(new Layout.Slice(0, from, from + count), x);
    }

    private static Tensor empty(List<Tensor> in, int rows, int n) {
        return Tensor.empty(in.getFirst().backend(), Shape.of(rows, n), DType.F32);
    }

    /** The address of a row of a matrix in F32. */
    private static long row(Tensor x, int row) {
        return CudaStorage.address(x) + (long) Float.BYTES * row * x.shape().dim(1);
    }

    private static String name(String function, Kind kind) {
        return function + "_" + kind.name().toLowerCase(Locale.ROOT);
    }

    private void forRows(Tile tile) {
        launcher.grid((int) Launcher.ceilDiv(tile.rows, ROWS_OF_BLOCK), 1, 1, WARP, ROWS_OF_BLOCK);
    }

    private void forBothSides(int n) {
        launcher.grid((int) Launcher.ceilDiv(n, Launcher.THREADS), 2, 1, Launcher.THREADS, 1);
    }
}
