package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;

/**
 * The contrastive loss in the tiles of a {@link TileGrid}: each tile of logits is computed once forward and once backward,
 * and used for both sides while it is in the cache. Memory is a few tiles a thread and a few numbers a row.
 */
final class ContrastiveOps {
    private final Workers workers;
    private final Gemm gemm;

    ContrastiveOps(Workers workers) {
        this.workers = workers;
        gemm = new Gemm(workers);
    }

    void forward(Contrastive.Forward op, List<Tensor> in, List<Tensor> out) {
        var grid = TileGrid.of(in.getFirst().shape().dim(0));
        var audio = targets(op.beta(), op.targets(), op.temperature(), in, 3);
        var text = targets(op.beta(), op.targets(), op.temperature(), in, 4);
        var audioSums = new ContrastiveSums(workers, grid, true, audio);
        var textSums = new ContrastiveSums(workers, grid, false, text);
        forEach(grid, audio, text, (tile, audioSimilarities, textSimilarities) -> {
            float[] logits = Scratch.take(tile.size());
            rawLogits(tile, in, logits);
            clamp(logits, tile.size());
            audioSums.add(tile, logits, audioSimilarities);
            textSums.add(tile, logits, textSimilarities);
            Scratch.give(logits);
        });
        double loss = (audioSums.loss(out.get(1), 0) + textSums.loss(out.get(1), 3)) / 2;
        out.get(0).host().floats()[out.get(0).offset()] = (float) loss;
    }

    private ContrastiveTargets targets(double beta, Targets targets, double temperature, List<Tensor> in, int teacher) {
        return new ContrastiveTargets(
                gemm, beta, targets, temperature, beta > 0 ? List.of(in.get(teacher)) : List.of());
    }

    /** What is done with a tile and the similarities of both teachers in it. */
    @FunctionalInterface
    private interface Body {
        void accept(TileGrid.Tile tile, float[] audio, float[] text);
    }

    /** Visits every tile. With teachers, similarities are computed once for a tile and its mirror image. */
    private void forEach(TileGrid grid, ContrastiveTargets audio, ContrastiveTargets text, Body body) {
        if (audio.isHard()) {
            grid.forEach(workers, tile -> visit(tile, audio.similarities(tile), text.similarities(tile), body));
            return;
        }
        grid.forEachPair(workers, tile -> {
            float[] audioSimilarities = audio.similarities(tile);
            float[] textSimilarities = text.similarities(tile);
            if (!tile.isDiagonal()) {
                visit(
                        tile.transposed(),
                        audio.mirrored(tile, audioSimilarities),
                        text.mirrored(tile, textSimilarities),
                        body);
            }
            visit(tile, audioSimilarities, textSimilarities, body);
        });
    }

    private static void visit(TileGrid.Tile tile, float[] audio, float[] text, Body body) {
        body.accept(tile, audio, text);
        Scratch.give(text);
        Scratch.give(audio);
    }

    /** {@code exp(s) A Tᵀ} in a tile. */
    private void rawLogits(TileGrid.Tile tile, List<Tensor> in, float[] raw) {
        gemm.multiply(
                tile.rows(),
                tile.columns(),
                in.getFirst().shape().dim(1),
                scale(in),
                rows(in.get(0), tile.row()),
                rows(in.get(1), tile.column()).transposed(),
                raw,
                0,
                tile.stride(),
                false,
                Epilogue.NONE);
    }

    private static float scale(List<Tensor> in) {
        return (float) Math.exp(in.get(2).host().floats()[in.get(2).offset()]);
    }

    /** The rows of a tensor {@code (N, D)} from {@code first} on. */
    private static Matrix rows(Tensor tensor, int first) {
        int width = tensor.shape().dim(1);
        return Matrix.rowMajor(tensor.host().floats(), tensor.offset() + first * width, width);
    }

    private static void clamp(float[] x, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, i)
                    .min((float) Contrastive.MAX_LOGIT)
                    .intoArray(x, i);
        }
    }

    void backward(Contrastive.Backward op, List<Tensor> in, List<Tensor> out) {
        var grid = TileGrid.of(in.getFirst().shape().dim(0));
        var audio = new Side(targets(op.beta(), op.targets(), op.temperature(), in, 5), in.get(3), 0);
        var text = new Side(targets(op.beta(), op.targets(), op.temperature(), in, 6), in.get(3), 3);
        float weight = in.get(4).host().floats()[in.get(4).offset()] / (2f * grid.n());
        double[] dLogScale = new double[grid.blocks()];
        forEach(grid, audio.targets, text.targets, (tile, audioSimilarities, textSimilarities) -> {
            float[] raw = Scratch.take(tile.size());
            float[] gradient = Scratch.take(tile.size());
            rawLogits(tile, in, raw);
            Arrays.fill(gradient, 0, tile.size(), 0f);
            for (int r = 0; r < tile.rows(); r++) {
                int at = r * tile.stride();
                audio.addGradient(tile, r, raw, audioSimilarities, gradient);
                text.addGradient(tile, r, raw, textSimilarities, gradient);
                throughClamp(weight, raw, gradient, at, tile.stride());
                dLogScale[tile.row() / grid.size()] += SmallGemm.dot(gradient, at, raw, at, tile.columns());
            }
            Matrix matrix = Matrix.rowMajor(gradient, 0, tile.stride());
            accumulate(tile, matrix, in, in.get(1), out.get(0));
            accumulate(tile.transposed(), matrix.transposed(), in, in.get(0), out.get(1));
            Scratch.give(gradient);
            Scratch.give(raw);
        });
        out.get(2).host().floats()[out.get(2).offset()] =
                (float) Arrays.stream(dLogScale).sum();
    }

    /** {@code target = exp(s) gradient other (+ target)}: the first wave meets every row once, and overwrites. */
    private void accumulate(TileGrid.Tile tile, Matrix gradient, List<Tensor> in, Tensor other, Tensor target) {
        int width = target.shape().dim(1);
        gemm.multiply(
                tile.rows(),
                width,
                tile.columns(),
                scale(in),
                gradient,
                rows(other, tile.column()),
                target.host().floats(),
                target.offset() + tile.row() * width,
                width,
                tile.wave() > 0,
                Epilogue.NONE);
    }

    /** The gradient of raw logits: weighted, and 0 where the clamp was at work. */
    private static void throughClamp(float weight, float[] raw, float[] gradient, int at, int n) {
        for (int i = at; i < at + n; i += Lanes.COUNT) {
            var clamped =
                    FloatVector.fromArray(SPECIES, raw, i).compare(VectorOperators.GT, (float) Contrastive.MAX_LOGIT);
            FloatVector.fromArray(SPECIES, gradient, i)
                    .mul(weight)
                    .blend(0f, clamped)
                    .intoArray(gradient, i);
        }
    }

    /** One side in the backward pass: rows of tiles are the audio's, columns the text's. */
    private record Side(ContrastiveTargets targets, PerLine logSums, PerLine sums, PerLine normalisers) {
        Side(ContrastiveTargets targets, Tensor statistics, int first) {
            this(targets, line(statistics, first), line(statistics, first + 1), line(statistics, first + 2));
        }

        private static PerLine line(Tensor statistics, int row) {
            int n = statistics.shape().dim(1);
            return new PerLine(statistics.host().floats(), statistics.offset() + row * n, row < 3);
        }

        /** {@code gradient += softmax(S) Σ t - t} in row {@code r}. */
        void addGradient(TileGrid.Tile tile, int r, float[] raw, float[] similarities, float[] gradient) {
            int stride = tile.stride();
            int at = r * stride;
            float[] p = Scratch.take(stride);
            float[] line = Scratch.take(stride);
            logSums.read(tile, r, line);
            shiftClamped(raw, at, line, p, stride);
            VectorMath.exp(p, 0, p, 0, stride);
            sums.read(tile, r, line);
            addProduct(p, line, gradient, at, stride);
            if (!targets.isHard()) {
                targets.labels(tile, r, similarities, normalisers, p);
                if (targets.isNormalised()) {
                    normalisers.read(tile, r, line);
                    divide(p, line, stride);
                }
                Binary.SUB.run(gradient, at, p, 0, gradient, at, stride);
            } else if (tile.isDiagonal()) {
                gradient[at + r] -= 1;
            }
            Scratch.give(line);
            Scratch.give(p);
        }

        private static void shiftClamped(float[] raw, int at, float[] line, float[] p, int n) {
            for (int i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, raw, at + i)
                        .min((float) Contrastive.MAX_LOGIT)
                        .sub(FloatVector.fromArray(SPECIES, line, i))
                        .intoArray(p, i);
            }
        }

        private static void addProduct(float[] p, float[] line, float[] sum, int at, int n) {
            for (int i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, p, i)
                        .fma(FloatVector.fromArray(SPECIES, line, i), FloatVector.fromArray(SPECIES, sum, at + i))
                        .intoArray(sum, at + i);
            }
        }

        /** A line whose labels are all 0 stays as it is. */
        private static void divide(float[] t, float[] line, int n) {
            for (int i = 0; i < n; i += Lanes.COUNT) {
                var label = FloatVector.fromArray(SPECIES, t, i);
                label.div(FloatVector.fromArray(SPECIES, line, i))
                        .blend(0f, label.eq(0f))
                        .intoArray(t, i);
            }
        }
    }
}
