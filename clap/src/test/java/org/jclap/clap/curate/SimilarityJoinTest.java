package org.jclap.clap.curate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jclap.clap.progress.Progress;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.type.DType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The numbers are multiples of 1/8, so that every product is exact and ties are ties in any order of summation. */
class SimilarityJoinTest {
    private static Backend backend;

    @TempDir
    private Path folder;

    private record Match(long row, int column, float similarity) {}

    @BeforeAll
    static void open() {
        backend = Backends.open("reference", 1);
    }

    @AfterAll
    static void close() {
        backend.close();
    }

    private EmbeddingRows rows(String name, int rows, int dim, DType dtype, SplittableRandom random) {
        var file = folder.resolve(name);
        try (var writer = new NpyWriter(file, dtype, dim)) {
            var values = new float[rows * dim];
            for (var i = 0; i < values.length; i++) {
                values[i] = random.nextInt(-4, 5) / 8f;
            }
            writer.append(values);
            writer.commit();
        }
        return EmbeddingRows.open(file);
    }

    private static List<Match> joined(EmbeddingRows left, EmbeddingRows right, Selection selection, int tr, int tc) {
        var found = new ArrayList<Match>();
        new SimilarityJoin(backend, left, right, tr, tc)
                .run(
                        selection,
                        (row, matches) -> {
                            for (var i = 0; i < matches.size(); i++) {
                                found.add(new Match(row, matches.column(i), matches.similarity(i)));
                            }
                        },
                        Progress.silent());
        return found;
    }

    private static List<Match> all(EmbeddingRows left, EmbeddingRows right) {
        var a = left.file().floats();
        var b = right.file().floats();
        var dim = left.dim();
        var all = new ArrayList<Match>();
        for (var i = 0; i < left.rows(); i++) {
            for (var j = 0; j < right.rows(); j++) {
                var sum = 0f;
                for (var k = 0; k < dim; k++) {
                    sum += a[i * dim + k] * b[j * dim + k];
                }
                all.add(new Match(i, j, sum));
            }
        }
        return all;
    }

    @Test
    void findsEveryPairAtOrAboveTheThresholdInOrder() {
        for (var seed = 0; seed < 12; seed++) {
            var random = new SplittableRandom(seed);
            var dtype = seed % 2 == 0 ? DType.F32 : DType.F16;
            var left = rows("a" + seed + ".npy", random.nextInt(1, 40), 9, dtype, random);
            var right = rows("b" + seed + ".npy", random.nextInt(1, 40), 9, DType.F32, random);
            var naive = all(left, right);
            // A similarity that occurs: the pairs that have it are ties at the threshold.
            var threshold = Math.clamp(naive.get(random.nextInt(naive.size())).similarity, -1f, 1f);
            var expected = naive.stream().filter(m -> m.similarity >= threshold).toList();
            for (var tile : new int[] {1, 7, 64}) {
                assertEquals(
                        expected,
                        joined(left, right, new Selection.Threshold(threshold), tile, 8),
                        "seed " + seed + ", tile " + tile);
            }
        }
    }

    @Test
    void keepsTheBestOfEachRowAndTheEarlierOfEquals() {
        for (var seed = 0; seed < 12; seed++) {
            var random = new SplittableRandom(100 + seed);
            var left = rows("a" + seed + ".npy", random.nextInt(1, 30), 5, DType.F32, random);
            var right = rows("b" + seed + ".npy", random.nextInt(1, 60), 5, DType.F16, random);
            var naive = all(left, right);
            var k = random.nextInt(1, 7);
            var expected = IntStream.range(0, (int) left.rows())
                    .boxed()
                    .flatMap(row -> naive.stream()
                            .filter(m -> m.row == row)
                            .sorted(Comparator.comparingDouble(m -> -m.similarity))
                            .limit(k))
                    .toList();
            assertEquals(expected, joined(left, right, new Selection.TopK(k), 4, 8), "seed " + (100 + seed));
        }
    }

    @Test
    void reportsTheBestOfARowThatKeepsNothing() {
        var random = new SplittableRandom(7);
        var left = rows("a.npy", 20, 6, DType.F32, random);
        var right = rows("b.npy", 30, 6, DType.F32, random);
        var naive = all(left, right);
        new SimilarityJoin(backend, left, right, 8, 8)
                .run(
                        new Selection.Threshold(1),
                        (row, matches) -> assertEquals(
                                naive.stream()
                                        .filter(m -> m.row == row)
                                        .map(Match::similarity)
                                        .max(Float::compare)
                                        .orElseThrow(),
                                matches.best()),
                        Progress.silent());
    }

    @Test
    void refusesRowsOfDifferentLengthsAndNumbersThatAreNotFinite() {
        var random = new SplittableRandom(8);
        var left = rows("a.npy", 2, 6, DType.F32, random);
        var right = rows("b.npy", 2, 5, DType.F32, random);
        var dims = assertThrows(UserException.class, () -> new SimilarityJoin(backend, left, right));
        assertTrue(dims.getMessage().contains("6") && dims.getMessage().contains("5"), dims.getMessage());
        var file = folder.resolve("nan.npy");
        try (var writer = new NpyWriter(file, DType.F32, 2)) {
            writer.append(new float[] {1, 0, Float.NaN, 0});
            writer.commit();
        }
        var broken = EmbeddingRows.open(file);
        var nan = assertThrows(UserException.class, () -> joined(broken, broken, new Selection.TopK(1), 4, 4));
        assertTrue(nan.getMessage().contains("nan.npy, row 1"), nan.getMessage());
    }
}
