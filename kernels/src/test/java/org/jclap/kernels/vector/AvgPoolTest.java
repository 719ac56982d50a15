package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Arrays32.assertClose;
import static org.jclap.kernels.vector.Arrays32.filled;
import static org.jclap.kernels.vector.Arrays32.random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AvgPoolTest {
    @ParameterizedTest
    @CsvSource({"2, 9, 7, 17, 2, 2", "1, 4, 4, 1, 2, 2", "3, 5, 6, 64, 1, 1", "1, 7, 8, 33, 3, 2", "1, 1, 5, 3, 2, 2"})
    void equalsTheDefinition(int batch, int height, int width, int channels, int kh, int kw) {
        int oh = height / kh;
        int ow = width / kw;
        var x = random(batch * height * width * channels, 1);
        var dy = random(batch * oh * ow * channels, 2);
        var expectedY = new double[dy.length];
        var expectedX = new double[x.length];
        for (var i = 0; i < x.length; i++) {
            int w = i / channels % width / kw;
            int h = i / (channels * width) % height / kh;
            int b = i / (channels * width * height);
            if (h < oh && w < ow) {
                int o = ((b * oh + h) * ow + w) * channels + i % channels;
                expectedY[o] += x[i] / (double) (kh * kw);
                expectedX[i] = dy[o] / (double) (kh * kw);
            }
        }
        try (var workers = new Workers(2)) {
            var pool = new AvgPool(workers);
            var y = filled(dy.length, Float.NaN);
            var dx = filled(x.length, Float.NaN);
            pool.forward(x, 0, y, 0, batch, height, width, channels, kh, kw);
            pool.backward(dy, 0, dx, 0, batch, height, width, channels, kh, kw);
            assertClose(expectedY, y, 0, 1e-6, "y");
            assertClose(expectedX, dx, 0, 1e-6, "dx");
        }
    }
}
