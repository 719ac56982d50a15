package org.jclap.clap.analyze;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Rows of the n x n matrix that compares every embedding with every other, computed in blocks in double precision.
 *
 * <p>Differences are squared directly instead of expanding |a|^2 + |b|^2 - 2ab, which cancels for close points.
 */
final class Pairwise {
    /** Rows per task: large enough to pay for packing all columns once per task. */
    private static final int BLOCK = 64;

    /** Columns per packed tile: one accumulator row of 64 doubles stays in the first-level cache. */
    private static final int TILE = 64;

    private enum Form {
        EUCLIDEAN,
        SQUARED_EUCLIDEAN,
        COSINE,
        PRODUCT
    }

    private final Embeddings points;
    private final Form form;
    private final double[] origin;
    private final double[] scale;

    private Pairwise(Embeddings points, Form form, double[] origin, double[] scale) {
        this.points = points;
        this.form = form;
        this.origin = origin;
        this.scale = scale;
    }

    /** Distances in the given metric. */
    static Pairwise distances(Embeddings points, Metric metric) {
        return switch (metric) {
            case EUCLIDEAN -> new Pairwise(points, Form.EUCLIDEAN, new double[points.dim()], ones(points));
            case COSINE -> new Pairwise(points, Form.COSINE, new double[points.dim()], inverseNorms(points));
        };
    }

    /** Squared Euclidean distances; for the cosine metric those of the unit vectors, twice the cosine distance. */
    static Pairwise squaredDistances(Embeddings points, Metric metric) {
        double[] scale = switch (metric) {
            case EUCLIDEAN -> ones(points);
            case COSINE -> inverseNorms(points);
        };
        return new Pairwise(points, Form.SQUARED_EUCLIDEAN, new double[points.dim()], scale);
    }

    /** Inner products of the points after their mean is subtracted. */
    static Pairwise centredProducts(Embeddings points) {
        return new Pairwise(points, Form.PRODUCT, columnMeans(points), ones(points));
    }

    /** Receives one finished row. */
    @FunctionalInterface
    interface RowVisitor {
        /** Called once per row, from several threads; {@code values[j]} compares row {@code i} with row {@code j}. */
        void accept(int i, double[] values);
    }

    /** Receives a range of rows. */
    @FunctionalInterface
    interface BlockTask {
        /** Called once per block of rows {@code [from, to)}, from several threads. */
        void run(int from, int to);
    }

    /** Visits all rows in parallel; a visitor that writes only what belongs to its row is deterministic. */
    void forEachRow(RowVisitor visitor) {
        forEachBlock(points.rows(), (from, to) -> {
            double[][] block = rows(from, to);
            for (int i = from; i < to; i++) {
                visitor.accept(i, block[i - from]);
            }
        });
    }

    static void forEachBlock(int n, BlockTask task) {
        IntStream.range(0, Math.ceilDiv(n, BLOCK))
                .parallel()
                .forEach(b -> task.run(b * BLOCK, Math.min(n, (b + 1) * BLOCK)));
    }

    /** Rows {@code [from, to)} of the matrix, {@code (to - from, n)}. */
    double[][] rows(int from, int to) {
        int n = points.rows();
        int dim = points.dim();
        double[][] out = new double[to - from][n];
        double[][] tile = new double[dim][TILE];
        double[] left = new double[dim];
        double[] sums = new double[TILE];
        for (int start = 0; start < n; start += TILE) {
            int width = Math.min(TILE, n - start);
            pack(start, width, tile);
            for (int i = from; i < to; i++) {
                for (int k = 0; k < dim; k++) {
                    left[k] = value(i, k);
                }
                Arrays.fill(sums, 0);
                switch (form) {
                    case EUCLIDEAN, SQUARED_EUCLIDEAN -> addSquares(left, tile, sums);
                    case COSINE, PRODUCT -> addProducts(left, tile, sums);
                }
                finish(i, start, width, sums, out[i - from]);
            }
        }
        return out;
    }

    private double value(int i, int k) {
        return (points.values()[i * points.dim() + k] - origin[k]) * scale[i];
    }

    /** Transposes {@code width} points, so that the inner loops run over neighbouring columns and vectorise. */
    private void pack(int start, int width, double[][] tile) {
        for (int k = 0; k < tile.length; k++) {
            for (int j = 0; j < width; j++) {
                tile[k][j] = value(start + j, k);
            }
        }
    }

    /** Four dimensions per pass: a quarter of the loads and stores of {@code sums}. */
    private static void addSquares(double[] left, double[][] tile, double[] sums) {
        int k = 0;
        for (; k + 4 <= left.length; k += 4) {
            double[] t0 = tile[k];
            double[] t1 = tile[k + 1];
            double[] t2 = tile[k + 2];
            double[] t3 = tile[k + 3];
            double a0 = left[k];
            double a1 = left[k + 1];
            double a2 = left[k + 2];
            double a3 = left[k + 3];
            for (int j = 0; j < TILE; j++) {
                double d0 = a0 - t0[j];
                double d1 = a1 - t1[j];
                double d2 = a2 - t2[j];
                double d3 = a3 - t3[j];
                sums[j] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3);
            }
        }
        for (; k < left.length; k++) {
            double[] t = tile[k];
            double a = left[k];
            for (int j = 0; j < TILE; j++) {
                double d = a - t[j];
                sums[j] += d * d;
            }
        }
    }

    private static void addProducts(double[] left, double[][] tile, double[] sums) {
        int k = 0;
        for (; k + 4 <= left.length; k += 4) {
            double[] t0 = tile[k];
            double[] t1 = tile[k + 1];
            double[] t2 = tile[k + 2];
            double[] t3 = tile[k + 3];
            double a0 = left[k];
            double a1 = left[k + 1];
            double a2 = left[k + 2];
            double a3 = left[k + 3];
            for (int j = 0; j < TILE; j++) {
                sums[j] += (a0 * t0[j] + a1 * t1[j]) + (a2 * t2[j] + a3 * t3[j]);
            }
        }
        for (; k < left.length; k++) {
            double[] t = tile[k];
            double a = left[k];
            for (int j = 0; j < TILE; j++) {
                sums[j] += a * t[j];
            }
        }
    }

    private void finish(int i, int start, int width, double[] sums, double[] out) {
        for (int j = 0; j < width; j++) {
            out[start + j] = switch (form) {
                case EUCLIDEAN -> Math.sqrt(sums[j]);
                case SQUARED_EUCLIDEAN, PRODUCT -> sums[j];
                // rounding may lift the cosine of equal directions just above one
                case COSINE -> i == start + j ? 0 : Math.max(0, 1 - sums[j]);
            };
        }
    }

    private static double[] ones(Embeddings points) {
        double[] ones = new double[points.rows()];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static double[] inverseNorms(Embeddings points) {
        double[] inverse = new double[points.rows()];
        for (int i = 0; i < inverse.length; i++) {
            double sum = 0;
            for (int k = 0; k < points.dim(); k++) {
                double v = points.values()[i * points.dim() + k];
                sum += v * v;
            }
            inverse[i] = sum == 0 ? 0 : 1 / Math.sqrt(sum);
        }
        return inverse;
    }

    static double[] columnMeans(Embeddings points) {
        double[] means = new double[points.dim()];
        for (int i = 0; i < points.rows(); i++) {
            for (int k = 0; k < means.length; k++) {
                means[k] += points.values()[i * means.length + k];
            }
        }
        for (int k = 0; k < means.length; k++) {
            means[k] /= points.rows();
        }
        return means;
    }
}
