package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.jclap.clap.analyze.Correlation;
import org.jclap.clap.analyze.Embeddings;
import org.jclap.clap.analyze.Metric;
import org.jclap.clap.analyze.MultiLabelScores;
import org.jclap.clap.analyze.Nngs;
import org.jclap.clap.analyze.Retrieval;
import org.jclap.clap.analyze.ScoreMatrix;
import org.jclap.clap.analyze.Silhouette;
import org.jclap.clap.analyze.ZeroShotScores;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Test;

/** Evaluation figures against scikit-learn, SciPy and the published definitions. */
final class GoldenMetricsTest {
    /** Counts and their quotients in double precision. */
    private static final double EXACT = 1e-9;

    /** The reference works in F32. */
    private static final double SINGLE = 1e-6;

    private final Safetensors golden = Golden.open("metrics");

    @Test
    void silhouette() {
        Embeddings x = embeddings("x");
        int[] labels = integers("labels");
        check(
                "silhouette_euclidean",
                SINGLE,
                Silhouette.of(x, labels, Metric.EUCLIDEAN).mean());
        check(
                "silhouette_cosine",
                SINGLE,
                Silhouette.of(x, labels, Metric.COSINE).mean());
    }

    @Test
    void neighbourhoodGraphs() {
        Embeddings x = embeddings("x");
        Embeddings z = embeddings("z");
        check("nngs_k5_euclidean", EXACT, Nngs.of(x, z, 5, Metric.EUCLIDEAN).mean());
        check("nngs_k10_cosine", EXACT, Nngs.of(x, z, 10, Metric.COSINE).mean());
    }

    @Test
    void classificationAndRetrieval() {
        ScoreMatrix scores = scores("sim");
        int[] labels = integers("sim_labels");
        check("top1", EXACT, ZeroShotScores.of(scores, labels).accuracy());
        Retrieval retrieval = Retrieval.single(scores, labels);
        check("recall_at_5", EXACT, retrieval.recallAt5());
        check("recall_at_10", EXACT, retrieval.recallAt10());
        check("map_at_10", EXACT, retrieval.mapAt10());
        check("median_rank", EXACT, retrieval.medianRank());
    }

    @Test
    void multiLabelPrecision() {
        int[] labels = integers("multi_labels");
        boolean[] relevant = new boolean[labels.length];
        for (int i = 0; i < labels.length; i++) {
            relevant[i] = labels[i] == 1;
        }
        check(
                "macro_map",
                EXACT,
                MultiLabelScores.of(scores("multi_scores"), relevant).macroMap());
    }

    @Test
    void correlations() {
        double[] u = Golden.doubles(golden, "u");
        double[] v = Golden.doubles(golden, "v");
        Correlation pearson = Correlation.pearson(u, v);
        check("pearson", EXACT, pearson.r());
        // A tail probability: relative to itself.
        assertEquals(1, pearson.p() / expected("pearson_p"), 1e-6, "pearson_p");
        check("spearman", EXACT, Correlation.spearman(u, v).r());
    }

    private void check(String name, double tolerance, double actual) {
        assertEquals(expected(name), actual, tolerance, name);
    }

    private double expected(String name) {
        return Double.parseDouble(golden.metadata().getOrDefault(name, "missing"));
    }

    private Embeddings embeddings(String name) {
        Shape shape = golden.entry(name).shape();
        return new Embeddings(shape.dim(0), shape.dim(1), golden.elements(name).floats());
    }

    private ScoreMatrix scores(String name) {
        Shape shape = golden.entry(name).shape();
        return new ScoreMatrix(shape.dim(0), shape.dim(1), golden.elements(name).floats());
    }

    private int[] integers(String name) {
        return Arrays.stream(Golden.doubles(golden, name))
                .mapToInt(value -> (int) value)
                .toArray();
    }
}
