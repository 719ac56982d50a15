package org.jclap.clap.analyze;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jclap.tensor.UserException;

/**
 * Exact t-SNE (van der Maaten and Hinton, 2008): a map of the plane on which near points stay near.
 *
 * <p>The course follows scikit-learn: joint probabilities from a perplexity search, at most 250 iterations of early
 * exaggeration at momentum 0.5, then momentum 0.8, with per-coordinate gains, learning rate max(n / exaggeration / 4,
 * 50), and a start from the first two principal components scaled to 1e-4. O(n^2) time per iteration and 4 n^2 bytes of
 * memory: meant for up to about 5000 points. Distances between far clusters carry no meaning.
 *
 * @param metric Euclidean, or the Euclidean distance of unit vectors for the cosine
 * @param perplexity effective number of neighbours, at least 1 and less than the number of points
 * @param earlyExaggeration factor on the attraction in the first phase, usually 12
 * @param iterations usually 1000
 * @param seed of the small noise that separates coinciding points
 */
public record Tsne(Metric metric, double perplexity, double earlyExaggeration, int iterations, long seed) {
    private static final int EXPLORATION_ITERATIONS = 250;
    private static final double START_DEVIATION = 1e-4;
    private static final double MIN_GAIN = 0.01;
    private static final int SEARCH_STEPS = 100;
    private static final double ENTROPY_TOLERANCE = 1e-5;

    /** Checks that the settings are in range. */
    public Tsne {
        if (!(perplexity >= 1) || !(earlyExaggeration >= 1) || iterations < 1) {
            throw new UserException(
                    "t-SNE: perplexity (%s) and exaggeration (%s) are at least 1, iterations (%d) positive"
                            .formatted(perplexity, earlyExaggeration, iterations));
        }
    }

    /**
     * The finished map.
     *
     * @param x first coordinate of each point
     * @param y second coordinate of each point
     * @param divergence Kullback-Leibler divergence of the map from the data, lower is better
     */
    @SuppressWarnings("ArrayRecordComponent") // a view of numbers, never compared or hashed
    public record Layout(double[] x, double[] y, double divergence) {}

    /** Usual settings for {@code n} points: perplexity 30, or (n - 1) / 3 for fewer than 91 points. */
    public static Tsne usual(Metric metric, int n, long seed) {
        return new Tsne(metric, Math.clamp((n - 1) / 3.0, 1, 30), 12, 1000, seed);
    }

    /** Lays out the points. The result depends on the data, the settings and the seed, not on the threads. */
    public Layout fit(Embeddings points) {
        int n = points.rows();
        if (perplexity >= n) {
            throw new UserException(
                    "t-SNE: perplexity %s needs more than %d points; lower it to a third of their number"
                            .formatted(perplexity, n));
        }
        float[][] joint = jointProbabilities(points);
        double[][] start = start(points);
        var descent = new Descent(joint, start[0], start[1]);
        double rate = Math.max(n / earlyExaggeration / 4, 50);
        boolean exploring = true;
        for (int i = 0; i < iterations; i++) {
            // without clusters the exaggerated attraction shrinks the map to a point, from which it would not recover
            exploring &= i < EXPLORATION_ITERATIONS && descent.deviation() > START_DEVIATION / 10;
            descent.step(exploring ? earlyExaggeration : 1, exploring ? 0.5 : 0.8, rate);
        }
        return new Layout(descent.x, descent.y, descent.divergence());
    }

    private double[][] start(Embeddings points) {
        double[][] scores = PrincipalComponents.scores(points, 2, seed);
        double deviation = Math.sqrt(Arrays.stream(scores[0]).map(v -> v * v).sum() / points.rows());
        double scale = deviation == 0 ? 0 : START_DEVIATION / deviation;
        var random = new SplittableRandom(seed);
        for (double[] axis : scores) {
            for (int i = 0; i < axis.length; i++) {
                axis[i] = axis[i] * scale + random.nextDouble(-0.01, 0.01) * START_DEVIATION;
            }
        }
        return scores;
    }

    /** Symmetric probabilities p_ij = (p_j|i + p_i|j) / 2n, {@code (n, n)}. */
    private float[][] jointProbabilities(Embeddings points) {
        int n = points.rows();
        float[][] p = new float[n][];
        double entropy = Math.log(perplexity);
        Pairwise.squaredDistances(points, metric)
                .forEachRow((i, distances) -> p[i] = conditional(i, distances, entropy));
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                float mean = (p[i][j] + p[j][i]) / (2 * n);
                p[i][j] = mean;
                p[j][i] = mean;
            }
        }
        return p;
    }

    /** Finds the Gaussian precision whose neighbour distribution has the wanted entropy, by bisection. */
    private static float[] conditional(int self, double[] squared, double wanted) {
        double nearest = Double.POSITIVE_INFINITY;
        for (int j = 0; j < squared.length; j++) {
            nearest = j == self ? nearest : Math.min(nearest, squared[j]);
        }
        double[] weights = new double[squared.length];
        double low = 0;
        double high = Double.POSITIVE_INFINITY;
        double precision = 1;
        double total = 0;
        for (int step = 0; step < SEARCH_STEPS; step++) {
            total = 0;
            double energy = 0;
            for (int j = 0; j < weights.length; j++) {
                // distances relative to the nearest: the largest weight is one, so the sum cannot vanish
                double distance = squared[j] - nearest;
                weights[j] = j == self ? 0 : Math.exp(-precision * distance);
                total += weights[j];
                energy += weights[j] * distance;
            }
            double surplus = Math.log(total) + precision * energy / total - wanted;
            if (Math.abs(surplus) <= ENTROPY_TOLERANCE) {
                break;
            }
            if (surplus > 0) {
                low = precision;
                precision = high == Double.POSITIVE_INFINITY ? precision * 2 : (precision + high) / 2;
            } else {
                high = precision;
                precision = (precision + low) / 2;
            }
        }
        float[] conditional = new float[weights.length];
        for (int j = 0; j < conditional.length; j++) {
            conditional[j] = (float) (weights[j] / total);
        }
        return conditional;
    }

    /** Gradient descent with momentum and gains on the coordinates. */
    private static final class Descent {
        private final float[][] joint;
        private final double[] x;
        private final double[] y;
        private final double[] speedX;
        private final double[] speedY;
        private final double[] gainX;
        private final double[] gainY;
        private final double[] gradientX;
        private final double[] gradientY;
        private final double[] repulsionX;
        private final double[] repulsionY;
        private final double[] kernelSums;

        Descent(float[][] joint, double[] x, double[] y) {
            int n = x.length;
            this.joint = joint;
            this.x = x;
            this.y = y;
            this.speedX = new double[n];
            this.speedY = new double[n];
            this.gainX = new double[n];
            this.gainY = new double[n];
            Arrays.fill(gainX, 1);
            Arrays.fill(gainY, 1);
            this.gradientX = new double[n];
            this.gradientY = new double[n];
            this.repulsionX = new double[n];
            this.repulsionY = new double[n];
            this.kernelSums = new double[n];
        }

        void step(double exaggeration, double momentum, double rate) {
            Pairwise.forEachBlock(x.length, (from, to) -> {
                for (int i = from; i < to; i++) {
                    forces(i, exaggeration);
                }
            });
            double normaliser = Arrays.stream(kernelSums).sum();
            for (int i = 0; i < x.length; i++) {
                gradientX[i] = 4 * (gradientX[i] - repulsionX[i] / normaliser);
                gradientY[i] = 4 * (gradientY[i] - repulsionY[i] / normaliser);
            }
            move(x, speedX, gainX, gradientX, momentum, rate);
            move(y, speedY, gainY, gradientY, momentum, rate);
        }

        /**
         * Attraction sum_j p_ij k_ij (y_i - y_j) and, before the division by sum k, repulsion
         * sum_j k_ij^2 (y_i - y_j).
         */
        private void forces(int i, double exaggeration) {
            double xi = x[i];
            double yi = y[i];
            double pullX = 0;
            double pullY = 0;
            double pushX = 0;
            double pushY = 0;
            double sum = -1; // the point itself adds k = 1
            float[] p = joint[i];
            for (int j = 0; j < p.length; j++) {
                double dx = xi - x[j];
                double dy = yi - y[j];
                double kernel = 1 / (1 + dx * dx + dy * dy);
                double pull = p[j] * kernel;
                double push = kernel * kernel;
                sum += kernel;
                pullX += pull * dx;
                pullY += pull * dy;
                pushX += push * dx;
                pushY += push * dy;
            }
            gradientX[i] = exaggeration * pullX;
            gradientY[i] = exaggeration * pullY;
            repulsionX[i] = pushX;
            repulsionY[i] = pushY;
            kernelSums[i] = sum;
        }

        /** A coordinate that keeps its direction gains speed; one that turns loses it. */
        private static void move(
                double[] at, double[] speed, double[] gain, double[] gradient, double momentum, double rate) {
            for (int i = 0; i < at.length; i++) {
                boolean onward = speed[i] * gradient[i] < 0;
                gain[i] = Math.max(MIN_GAIN, onward ? gain[i] + 0.2 : gain[i] * 0.8);
                speed[i] = momentum * speed[i] - rate * gain[i] * gradient[i];
                at[i] += speed[i];
            }
        }

        /** Root mean square distance from the origin, which the forces leave at the centre. */
        double deviation() {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                sum += x[i] * x[i] + y[i] * y[i];
            }
            return Math.sqrt(sum / x.length);
        }

        double divergence() {
            int n = x.length;
            double[] kernel = new double[n];
            double[] cross = new double[n];
            Pairwise.forEachBlock(n, (from, to) -> {
                for (int i = from; i < to; i++) {
                    for (int j = 0; j < n; j++) {
                        double k = 1 / (1 + Math.pow(x[i] - x[j], 2) + Math.pow(y[i] - y[j], 2));
                        kernel[i] += j == i ? 0 : k;
                        cross[i] += joint[i][j] > 0 ? joint[i][j] * Math.log(joint[i][j] / k) : 0;
                    }
                }
            });
            // sum p log(p / q) with q = k / sum k; the probabilities sum to one
            return Arrays.stream(cross).sum() + Math.log(Arrays.stream(kernel).sum());
        }
    }
}
