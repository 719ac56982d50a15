package org.jclap.clap.analyze;

import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;

/** Points for the tests of this package. */
final class TestPoints {
    /** Two clusters with known scores, see the tests. */
    static final float[] CLUSTERS = {0, 0, 1, 0.1f, 0.2f, 1.3f, 5, 5.2f, 6.1f, 5, 3, 2.7f};

    static final int[] CLUSTER_LABELS = {0, 0, 0, 1, 1, 1};

    private TestPoints() {}

    /** {@code classes} Gaussian clouds whose centres are {@code spread} from the origin, along different axes. */
    static Embeddings clouds(int rows, int dim, int classes, double spread, long seed) {
        var random = new SplittableRandom(seed);
        float[] values = new float[rows * dim];
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < dim; k++) {
                values[i * dim + k] = (float) (random.nextGaussian() + (k == i % classes ? spread : 0));
            }
        }
        return new Embeddings(rows, dim, values);
    }

    static int[] cloudLabels(int rows, int classes) {
        int[] labels = new int[rows];
        for (int i = 0; i < rows; i++) {
            labels[i] = i % classes;
        }
        return labels;
    }

    /** Runs parallel work on exactly {@code threads} threads. */
    static <T> T withThreads(int threads, Callable<T> work) throws Exception {
        try (var pool = new ForkJoinPool(threads)) {
            return pool.submit(work).get();
        }
    }
}
