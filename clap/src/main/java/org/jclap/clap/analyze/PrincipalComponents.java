package org.jclap.clap.analyze;

import java.util.SplittableRandom;

/** The projection of points onto their directions of largest variance, by orthogonal iteration. */
final class PrincipalComponents {
    private static final int MAX_ITERATIONS = 300;
    private static final double TOLERANCE = 1e-9;

    private PrincipalComponents() {}

    /**
     * Scores of the points on the first {@code count} components, {@code (count, rows)}; zeros where no variance is
     * left. The largest loading of each component is positive, so that signs do not depend on the seed.
     */
    static double[][] scores(Embeddings points, int count, long seed) {
        double[] mean = Pairwise.columnMeans(points);
        double[][] directions = new double[count][points.dim()];
        var random = new SplittableRandom(seed);
        for (double[] direction : directions) {
            for (int k = 0; k < direction.length; k++) {
                direction[k] = random.nextDouble(-1, 1);
            }
        }
        orthonormalise(directions);
        double[][] scores = new double[count][points.rows()];
        for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
            project(points, mean, directions, scores);
            double[][] next = backProject(points, mean, scores);
            orthonormalise(next);
            double change = change(directions, next);
            directions = next;
            if (change < TOLERANCE) {
                break;
            }
        }
        for (double[] direction : directions) {
            fixSign(direction);
        }
        project(points, mean, directions, scores);
        return scores;
    }

    private static void project(Embeddings points, double[] mean, double[][] directions, double[][] scores) {
        int dim = points.dim();
        Pairwise.forEachBlock(points.rows(), (from, to) -> {
            for (int c = 0; c < directions.length; c++) {
                for (int i = from; i < to; i++) {
                    double sum = 0;
                    for (int k = 0; k < dim; k++) {
                        sum += (points.values()[i * dim + k] - mean[k]) * directions[c][k];
                    }
                    scores[c][i] = sum;
                }
            }
        });
    }

    private static double[][] backProject(Embeddings points, double[] mean, double[][] scores) {
        int dim = points.dim();
        double[][] directions = new double[scores.length][dim];
        for (int c = 0; c < scores.length; c++) {
            double[] direction = directions[c];
            for (int i = 0; i < points.rows(); i++) {
                double score = scores[c][i];
                for (int k = 0; k < dim; k++) {
                    direction[k] += score * (points.values()[i * dim + k] - mean[k]);
                }
            }
        }
        return directions;
    }

    /** Gram-Schmidt; a direction that is (nearly) spanned by those before it becomes zero. */
    private static void orthonormalise(double[][] directions) {
        for (int c = 0; c < directions.length; c++) {
            double before = Math.sqrt(dot(directions[c], directions[c]));
            for (int b = 0; b < c; b++) {
                double overlap = dot(directions[c], directions[b]);
                for (int k = 0; k < directions[c].length; k++) {
                    directions[c][k] -= overlap * directions[b][k];
                }
            }
            double norm = Math.sqrt(dot(directions[c], directions[c]));
            double inverse = norm > 1e-12 * before ? 1 / norm : 0;
            for (int k = 0; k < directions[c].length; k++) {
                directions[c][k] *= inverse;
            }
        }
    }

    private static double change(double[][] previous, double[][] next) {
        double change = 0;
        for (int c = 0; c < next.length; c++) {
            change = Math.max(change, Math.abs(dot(next[c], next[c]) - Math.abs(dot(previous[c], next[c]))));
        }
        return change;
    }

    private static void fixSign(double[] direction) {
        double extreme = 0;
        for (double value : direction) {
            extreme = Math.abs(value) > Math.abs(extreme) ? value : extreme;
        }
        if (extreme < 0) {
            for (int k = 0; k < direction.length; k++) {
                direction[k] = -direction[k];
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += a[k] * b[k];
        }
        return sum;
    }
}
