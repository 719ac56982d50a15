package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.filled;
import static org.jclap.kernels.vector.Arrays32.random;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.jclap.kernels.vector.Convolution.Algorithm;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
    private static final Workers WORKERS = new Workers(2);
    private static final Convolution CONVOLUTION = new Convolution(WORKERS);
    /** Winograd's bound; the definition is an order of magnitude better. */
    private static final double TOLERANCE = 1e-5;

    @AfterAll
    static void close() {
        WORKERS.close();
    }

    static Stream<ConvShape> shapes() {
        return Stream.of(
                ConvShape.same3x3(1, 1, 1, 1, 1),
                ConvShape.same3x3(2, 9, 7, 1, 5),
                ConvShape.same3x3(2, 9, 7, 3, 17),
                ConvShape.same3x3(2, 19, 21, 8, 8),
                ConvShape.same3x3(1, 17, 64, 1, 40),
                ConvShape.same3x3(1, 9, 30, 6, 2),
                ConvShape.same3x3(1, 8, 8, 17, 33),
                ConvShape.same3x3(1, 13, 10, 64, 64),
                ConvShape.same3x3(3, 4, 5, 40, 31),
                ConvShape.same3x3(2, 5, 2, 512, 70),
                ConvShape.same3x3(1, 45, 40, 128, 300),
                ConvShape.same3x3(1, 5, 4, 2048, 16),
                ConvShape.same3x3(1, 9, 6, 300, 310),
                ConvShape.same3x3(1, 200, 130, 16, 18), // several blocks of tiles in each part of the filters' gradient
                ConvShape.same3x3(1, 33, 33, 80, 1024), // several blocks of tiles that all its tasks share
                new ConvShape(2, 11, 9, 5, 7, 3, 3, 2, 1),
                new ConvShape(1, 8, 9, 3, 4, 5, 2, 3, 2),
                new ConvShape(2, 6, 6, 24, 20, 1, 1, 1, 0),
                new ConvShape(1, 7, 7, 4, 6, 3, 3, 1, 0),
                new ConvShape(0, 7, 7, 24, 24, 3, 3, 1, 1));
    }

    private interface Term {
        void add(int y, int x, int w);
    }

    /** Calls back for every product of the definition with the places of its factors and its sum. */
    private static void forEachTerm(ConvShape s, Term term) {
        for (var p = 0; p < s.batch() * s.outHeight() * s.outWidth(); p++) {
            int b = p / (s.outHeight() * s.outWidth());
            int top = p / s.outWidth() % s.outHeight() * s.stride() - s.padding();
            int left = p % s.outWidth() * s.stride() - s.padding();
            for (var t = 0; t < s.taps(); t++) {
                int row = top + t / s.kernelWidth();
                int column = left + t % s.kernelWidth();
                if (row < 0 || column < 0 || row >= s.height() || column >= s.width()) {
                    continue;
                }
                int x = ((b * s.height() + row) * s.width() + column) * s.inChannels();
                for (var o = 0; o < s.outChannels(); o++) {
                    for (var c = 0; c < s.inChannels(); c++) {
                        term.add(p * s.outChannels() + o, x + c, (o * s.inChannels() + c) * s.taps() + t);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void equalsTheDefinition(ConvShape s) {
        int sizeX = s.batch() * s.height() * s.width() * s.inChannels();
        int sizeY = s.batch() * s.outHeight() * s.outWidth() * s.outChannels();
        int sizeW = s.outChannels() * s.inChannels() * s.taps();
        var x = random(2 + sizeX, 1);
        var w = random(3 + sizeW, 2);
        var dy = random(4 + sizeY, 3);
        var expectedY = new double[sizeY];
        var expectedX = new double[sizeX];
        var expectedW = new double[sizeW];
        forEachTerm(s, (py, px, pw) -> {
            expectedY[py] += (double) x[2 + px] * w[3 + pw];
            expectedX[px] += (double) dy[4 + py] * w[3 + pw];
            expectedW[pw] += (double) dy[4 + py] * x[2 + px];
        });
        var y = filled(sizeY + 2, Arrays32.SENTINEL);
        CONVOLUTION.forward(s, x, 2, w, 3, y, 1, Epilogue.NONE);
        checkWithin(expectedY, y, s + " forward");
        var dx = filled(sizeX + 2, Arrays32.SENTINEL);
        CONVOLUTION.backwardData(s, dy, 4, w, 3, dx, 1);
        checkWithin(expectedX, dx, s + " backward data");
        var dw = filled(sizeW + 2, Arrays32.SENTINEL);
        CONVOLUTION.backwardWeights(s, x, 2, dy, 4, dw, 1);
        checkWithin(expectedW, dw, s + " backward weights");
    }

    private static void checkWithin(double[] expected, float[] actual, String what) {
        assertClose(expected, actual, 1, TOLERANCE, what);
        assertEquals(Arrays32.SENTINEL, actual[0], "written before the result");
        assertEquals(Arrays32.SENTINEL, actual[actual.length - 1], "written beyond the result");
    }

    @Test
    void choosesByTheWork() {
        assertEquals(Algorithm.DIRECT, Convolution.choose(ConvShape.same3x3(4, 690, 64, 1, 64)));
        assertEquals(Algorithm.DIRECT, Convolution.choose(ConvShape.same3x3(4, 101, 64, 8, 8)));
        assertEquals(Algorithm.WINOGRAD, Convolution.choose(ConvShape.same3x3(4, 690, 64, 64, 64)));
        assertEquals(Algorithm.WINOGRAD, Convolution.choose(ConvShape.same3x3(4, 21, 2, 2048, 2048)));
        assertEquals(Algorithm.IMPLICIT_GEMM, Convolution.choose(ConvShape.same3x3(4, 1, 1, 512, 512)));
        assertEquals(Algorithm.IMPLICIT_GEMM, Convolution.choose(new ConvShape(1, 64, 64, 64, 64, 3, 3, 2, 1)));
    }

    @Test
    void sameBitsForAnyThreads() {
        for (var s : new ConvShape[] {
            ConvShape.same3x3(2, 9, 11, 1, 40),
            ConvShape.same3x3(2, 21, 10, 40, 48),
            ConvShape.same3x3(1, 200, 130, 16, 18),
            ConvShape.same3x3(2, 9, 10, 300, 200)
        }) {
            int sizeX = s.batch() * s.height() * s.width() * s.inChannels();
            int sizeY = s.batch() * s.height() * s.width() * s.outChannels();
            int sizeW = s.outChannels() * s.inChannels() * 9;
            Arrays32.assertSameForAnyThreads(workers -> {
                var all = new float[sizeX + sizeY + sizeW];
                var convolution = new Convolution(workers);
                convolution.forward(s, random(sizeX, 1), 0, random(sizeW, 2), 0, all, 0, Epilogue.NONE);
                convolution.backwardData(s, random(sizeY, 3), 0, random(sizeW, 2), 0, all, sizeY);
                convolution.backwardWeights(s, random(sizeX, 1), 0, random(sizeY, 3), 0, all, sizeY + sizeX);
                return all;
            });
        }
    }
}
