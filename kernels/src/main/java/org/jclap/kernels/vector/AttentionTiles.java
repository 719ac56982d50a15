package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jclap.tensor.Tensor;

/**
 * The scores of attention with several heads, tile by tile: some queries of one head against all of its keys. A head of a
 * batch is counted {@code b heads + h}; its q, k and v are strided views {@code (L, E / heads)} of {@code (B, L, E)}.
 *
 * <p>Rows of a tile are padded to whole vectors with keys of probability 0.
 */
final class AttentionTiles {
    /** Queries of one tile. */
    static final int QUERIES = 128;

    private final Gemm gemm;
    private final int heads;
    private final int length;
    private final int width;
    private final int padded;
    private final float scale;
    private final Tensor q;
    private final Tensor k;
    private final float[] limits;

    /** The tiles for q and k {@code (B, L, E)} and a mask {@code (B, L)} that is 0 for a key that does not count. */
    AttentionTiles(Gemm gemm, int heads, Tensor q, Tensor k, Tensor mask) {
        this.gemm = gemm;
        this.heads = heads;
        this.length = q.shape().dim(1);
        this.width = q.shape().dim(2) / heads;
        this.padded = Lanes.padded(length);
        this.scale = (float) (1 / Math.sqrt(width));
        this.q = q;
        this.k = k;
        this.limits = limits(mask, q.shape().dim(0));
    }

    /** Per batch a row of what replaces scores: nothing (infinity), the lowest float (masked), or -infinity (padding). */
    private float[] limits(Tensor mask, int batch) {
        float[] rows = new float[batch * padded];
        Arrays.fill(rows, Float.NEGATIVE_INFINITY);
        float[] counts = mask.host().floats();
        for (int b = 0; b < batch; b++) {
            for (int key = 0; key < length; key++) {
                boolean masked = counts[mask.offset() + b * length + key] == 0;
                rows[b * padded + key] = masked ? -Float.MAX_VALUE : Float.POSITIVE_INFINITY;
            }
        }
        return rows;
    }

    /** L. */
    int length() {
        return length;
    }

    /** E / heads. */
    int width() {
        return width;
    }

    /** Floats of one row of a tile: L, padded to whole vectors. */
    int rowLength() {
        return padded;
    }

    /** The number of tiles of one head. */
    int tiles() {
        return Math.ceilDiv(length, QUERIES);
    }

    /** 1 / sqrt(E / heads), the factor on every score. */
    float scale() {
        return scale;
    }

    /** Rows {@code from...} of one head of a tensor {@code (B, L, E)} as a matrix. */
    Matrix rows(Tensor tensor, int head, int from) {
        return Matrix.rowMajor(tensor.host().floats(), at(tensor, head, from), heads * width);
    }

    /** Where row {@code from} of a head begins in a tensor {@code (B, L, E)}. */
    int at(Tensor tensor, int head, int from) {
        return tensor.offset() + (head / heads * length + from) * heads * width + head % heads * width;
    }

    /** The distance between rows of a head: E. */
    int stride() {
        return heads * width;
    }

    /** The number of the first probability of a query in the stream of dropout. */
    int element(int head, int query) {
        return (head * length + query) * length;
    }

    /**
     * The probabilities {@code (queries, rowLength)} of the queries {@code from...} of a head; with {@code logSums} also the
     * log-sum-exp of each row of scores, from index {@code at} on.
     */
    void probabilities(int head, int from, int queries, float[] p, float[] logSums, int at) {
        gemm.multiply(
                queries,
                length,
                width,
                scale,
                rows(q, head, from),
                rows(k, head, 0).transposed(),
                p,
                0,
                padded,
                false,
                Epilogue.NONE);
        int limit = head / heads * padded;
        for (int r = 0; r < queries; r++) {
            int row = r * padded;
            float max = limit(p, row, limits, limit, padded);
            float sum = VectorMath.expSum(p, row, max, p, row, padded);
            Rows.affine(1 / sum, 0f, p, row, p, row, padded);
            logSums[at + r] = max + (float) Math.log(sum);
        }
    }

    /** Puts the limits in force and returns the largest score; no score becomes NaN thereby. */
    private static float limit(float[] s, int so, float[] limits, int lo, int n) {
        var largest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < n; i += Lanes.COUNT) {
            var limit = FloatVector.fromArray(SPECIES, limits, lo + i);
            var score = FloatVector.fromArray(SPECIES, s, so + i).blend(limit, limit.lt(0f));
            largest = largest.max(score);
            score.intoArray(s, so + i);
        }
        return largest.reduceLanes(VectorOperators.MAX);
    }

    /**
     * The gradient of scores from probabilities and their gradient: {@code dp = p (dp - Σ p dp)} for each row, and 0 for a
     * masked score, which depends on nothing.
     */
    void scoreGradient(int head, int queries, float[] p, float[] dp) {
        int limit = head / heads * padded;
        for (int r = 0; r < queries; r++) {
            int at = r * padded;
            centre(p, dp, at, SmallGemm.dot(p, at, dp, at, length), limits, limit, padded);
        }
    }

    private static void centre(float[] p, float[] dp, int at, float sum, float[] limits, int lo, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, dp, at + i)
                    .sub(sum)
                    .mul(FloatVector.fromArray(SPECIES, p, at + i))
                    .blend(0f, FloatVector.fromArray(SPECIES, limits, lo + i).lt(0f))
                    .intoArray(dp, at + i);
        }
    }
}
