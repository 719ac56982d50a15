package org.jclap.kernels.vector;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;

/** Attention of one tile of {@link AttentionTiles} after the other; heads run in parallel. */
final class AttentionOps {
    private final Workers workers;
    private final Gemm gemm;

    AttentionOps(Workers workers) {
        this.workers = workers;
        gemm = new Gemm(workers);
    }

    void forward(Attention.Forward op, List<Tensor> in, List<Tensor> out) {
        var tiles = new AttentionTiles(gemm, op.heads(), in.get(0), in.get(1), in.get(3));
        DropoutMask dropout = DropoutMask.ofLast(op.rate(), op.stream(), in);
        Tensor v = in.get(2);
        Tensor y = out.get(0);
        Tensor logSums = out.get(1);
        workers.parallelFor(in.getFirst().shape().dim(0) * op.heads() * tiles.tiles(), task -> {
            int head = task / tiles.tiles();
            int from = task % tiles.tiles() * AttentionTiles.QUERIES;
            int queries = Math.min(AttentionTiles.QUERIES, tiles.length() - from);
            float[] p = Scratch.take(queries * tiles.rowLength());
            tiles.probabilities(
                    head, from, queries, p, logSums.host().floats(), logSums.offset() + head * tiles.length() + from);
            drop(dropout, tiles, head, from, queries, p, p);
            gemm.multiply(
                    queries,
                    tiles.width(),
                    tiles.length(),
                    Matrix.rowMajor(p, 0, tiles.rowLength()),
                    tiles.rows(v, head, 0),
                    y.host().floats(),
                    tiles.at(y, head, from),
                    tiles.stride());
            Scratch.give(p);
        });
    }

    private static void drop(
            DropoutMask dropout, AttentionTiles tiles, int head, int from, int queries, float[] x, float[] y) {
        int row = tiles.rowLength();
        if (dropout.isIdentity()) {
            if (x != y) {
                System.arraycopy(x, 0, y, 0, queries * row);
            }
            return;
        }
        for (int r = 0; r < queries; r++) {
            dropout.apply(tiles.element(head, from + r), x, r * row, y, r * row, tiles.length());
        }
    }

    /**
     * With P the probabilities, D their dropout, and dP = D(dy vᵀ): {@code dv = D(P)ᵀ dy}, and {@code dS = P (dP - Σ P
     * dP)}. P is computed again by the code of {@link #forward}: the log-sum-exp alone would lose the sum of a row in which
     * every key is masked.
     */
    void backward(Attention.Backward op, List<Tensor> in, List<Tensor> out) {
        var tiles = new AttentionTiles(gemm, op.heads(), in.get(0), in.get(1), in.get(3));
        DropoutMask dropout = DropoutMask.ofLast(op.rate(), op.stream(), in);
        // The keys' gradients are sums over all tiles of a head: one thread adds them up in order.
        workers.parallelFor(in.getFirst().shape().dim(0) * op.heads(), head -> {
            int size = Math.min(AttentionTiles.QUERIES, tiles.length()) * tiles.rowLength();
            float[] p = Scratch.take(size);
            float[] gradient = Scratch.take(size);
            for (int from = 0; from < tiles.length(); from += AttentionTiles.QUERIES) {
                backwardTile(tiles, dropout, head, from, in, out, p, gradient);
            }
            Scratch.give(gradient);
            Scratch.give(p);
        });
    }

    private void backwardTile(
            AttentionTiles tiles,
            DropoutMask dropout,
            int head,
            int from,
            List<Tensor> in,
            List<Tensor> out,
            float[] p,
            float[] gradient) {
        int queries = Math.min(AttentionTiles.QUERIES, tiles.length() - from);
        Matrix dy = tiles.rows(in.get(6), head, from);
        Matrix scores = Matrix.rowMajor(gradient, 0, tiles.rowLength());
        float[] logSums = Scratch.take(queries);
        tiles.probabilities(head, from, queries, p, logSums, 0);
        Scratch.give(logSums);
        drop(dropout, tiles, head, from, queries, p, gradient);
        addToKeys(tiles, queries, 1f, scores, dy, out.get(2), head, from > 0);
        Matrix v = tiles.rows(in.get(2), head, 0);
        gemm.multiply(queries, tiles.length(), tiles.width(), dy, v.transposed(), gradient, 0, tiles.rowLength());
        drop(dropout, tiles, head, from, queries, gradient, gradient);
        tiles.scoreGradient(head, queries, p, gradient);
        Tensor dq = out.get(0);
        gemm.multiply(
                queries,
                tiles.width(),
                tiles.length(),
                tiles.scale(),
                scores,
                tiles.rows(in.get(1), head, 0),
                dq.host().floats(),
                tiles.at(dq, head, from),
                tiles.stride(),
                false,
                Epilogue.NONE);
        addToKeys(tiles, queries, tiles.scale(), scores, tiles.rows(in.get(0), head, from), out.get(1), head, from > 0);
    }

    /** {@code target(L, E / heads) = alpha scoresᵀ rows (+ target)} for one head. */
    private void addToKeys(
            AttentionTiles tiles,
            int queries,
            float alpha,
            Matrix scores,
            Matrix rows,
            Tensor target,
            int head,
            boolean accumulate) {
        gemm.multiply(
                tiles.length(),
                tiles.width(),
                queries,
                alpha,
                scores.transposed(),
                rows,
                target.host().floats(),
                tiles.at(target, head, 0),
                tiles.stride(),
                accumulate,
                Epilogue.NONE);
    }
}
