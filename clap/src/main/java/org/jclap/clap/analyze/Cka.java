package org.jclap.clap.analyze;

import java.util.Arrays;
import org.jclap.tensor.UserException;

/**
 * Centred kernel alignment of two spaces that hold the same items (Kornblith et al., 2019): 1 for spaces that are equal
 * up to rotation and isotropic scaling, near 0 for unrelated ones.
 *
 * <p>CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with the biased estimator tr(K H L H). Only row sums are kept, so
 * that memory grows with n, not n squared.
 */
public final class Cka {
    /** Points from which the median distance of the RBF kernel is taken; more would not move it visibly. */
    private static final int MEDIAN_POINTS = 2048;

    private Cka() {}

    /** Linear kernel: inner products of the centred features. NaN when a space has no variance. */
    public static double linear(Embeddings x, Embeddings y) {
        return align(x, Pairwise.centredProducts(x), y, Pairwise.centredProducts(y), (_, product) -> product, 0, 0);
    }

    /**
     * Gaussian kernel exp(-d^2 / (2 s^2)) with {@code s} a fraction of each space's median distance.
     *
     * <p>The median is taken over at most 2048 evenly spaced points.
     *
     * @param fraction the bandwidth; the paper uses 0.2 to 0.8
     */
    public static double rbf(Embeddings x, Embeddings y, double fraction) {
        if (!(fraction > 0)) {
            throw new UserException("the bandwidth of the RBF kernel must be positive, but is " + fraction);
        }
        return align(
                x,
                Pairwise.squaredDistances(x, Metric.EUCLIDEAN),
                y,
                Pairwise.squaredDistances(y, Metric.EUCLIDEAN),
                (sigma, squared) -> Math.exp(-squared / (2 * sigma * sigma)),
                fraction * medianDistance(x),
                fraction * medianDistance(y));
    }

    @FunctionalInterface
    private interface Kernel {
        double apply(double sigma, double pair);
    }

    private static double align(
            Embeddings x, Pairwise pairsX, Embeddings y, Pairwise pairsY, Kernel kernel, double sigmaX, double sigmaY) {
        Embeddings.requireLength("second space", y.rows(), x.rows());
        int n = x.rows();
        double[] sumK = new double[n];
        double[] sumL = new double[n];
        double[] sumKl = new double[n];
        double[] sumKk = new double[n];
        double[] sumLl = new double[n];
        Pairwise.forEachBlock(n, (from, to) -> {
            double[][] rowsX = pairsX.rows(from, to);
            double[][] rowsY = pairsY.rows(from, to);
            for (int i = from; i < to; i++) {
                for (int j = 0; j < n; j++) {
                    double k = kernel.apply(sigmaX, rowsX[i - from][j]);
                    double l = kernel.apply(sigmaY, rowsY[i - from][j]);
                    sumK[i] += k;
                    sumL[i] += l;
                    sumKl[i] += k * l;
                    sumKk[i] += k * k;
                    sumLl[i] += l * l;
                }
            }
        });
        return hsic(sumKl, sumK, sumL) / Math.sqrt(hsic(sumKk, sumK, sumK) * hsic(sumLl, sumL, sumL));
    }

    /** tr(K H L H) = sum K_ij L_ij - 2/n sum_i K_i. L_i. + K.. L.. / n^2, a dot being a sum over that index. */
    private static double hsic(double[] products, double[] rowsK, double[] rowsL) {
        int n = products.length;
        double cross = 0;
        for (int i = 0; i < n; i++) {
            cross += rowsK[i] * rowsL[i];
        }
        double total = Arrays.stream(rowsK).sum() * Arrays.stream(rowsL).sum();
        return Arrays.stream(products).sum() - 2 * cross / n + total / n / n;
    }

    private static double medianDistance(Embeddings points) {
        int n = Math.min(MEDIAN_POINTS, points.rows());
        if (n < 2) {
            throw new UserException("the RBF kernel needs at least two points");
        }
        int dim = points.dim();
        float[] chosen = new float[n * dim];
        for (int i = 0; i < n; i++) {
            int row = (int) ((long) i * points.rows() / n);
            System.arraycopy(points.values(), row * dim, chosen, i * dim, dim);
        }
        double[] distances = new double[n * (n - 1) / 2];
        Pairwise.distances(new Embeddings(n, dim, chosen), Metric.EUCLIDEAN)
                .forEachRow((i, row) -> System.arraycopy(row, 0, distances, i * (i - 1) / 2, i));
        Arrays.sort(distances);
        double median = (distances[(distances.length - 1) / 2] + distances[distances.length / 2]) / 2;
        if (median == 0) {
            throw new UserException("more than half of the points coincide, so the RBF kernel has no bandwidth");
        }
        return median;
    }
}
