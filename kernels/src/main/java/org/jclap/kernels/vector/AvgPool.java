package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Average pooling of channels-last images {@code (B, H, W, C)} over windows of {@code (kh, kw)} that do not overlap;
 * rows and columns beyond the last whole window are dropped, so y is {@code (B, H / kh, W / kw, C)}. Parallel over
 * image rows.
 */
public final class AvgPool {
    private final Workers workers;

    /** Pooling on the given threads. */
    public AvgPool(Workers workers) {
        this.workers = workers;
    }

    /** {@code y[b, h, w, c] = mean of x[b, h kh + i, w kw + j, c]}. */
    public void forward(
            float[] x, int xo, float[] y, int yo, int batch, int height, int width, int channels, int kh, int kw) {
        int outHeight = height / kh;
        int outWidth = width / kw;
        workers.parallelFor(batch * outHeight, task -> {
            int from = xo + (task / outHeight * height + task % outHeight * kh) * width * channels;
            int to = yo + task * outWidth * channels;
            for (var w = 0; w < outWidth; w++) {
                window(x, from + w * kw * channels, width * channels, channels, kh, kw, y, to + w * channels);
            }
        });
    }

    private static void window(float[] x, int xo, int rowStride, int channels, int kh, int kw, float[] y, int yo) {
        float scale = 1f / (kh * kw);
        int whole = Lanes.bound(channels);
        for (var c = 0; c < whole; c += Lanes.COUNT) {
            var sum = FloatVector.zero(SPECIES);
            for (var i = 0; i < kh; i++) {
                for (var j = 0; j < kw; j++) {
                    sum = sum.add(FloatVector.fromArray(SPECIES, x, xo + i * rowStride + j * channels + c));
                }
            }
            sum.mul(scale).intoArray(y, yo + c);
        }
        for (var c = whole; c < channels; c++) {
            var sum = 0f;
            for (var i = 0; i < kh; i++) {
                for (var j = 0; j < kw; j++) {
                    sum += x[xo + i * rowStride + j * channels + c];
                }
            }
            y[yo + c] = sum * scale;
        }
    }

    /** {@code dx[b, h, w, c] = dy[b, h / kh, w / kw, c] / (kh kw)}, 0 in what was dropped; overwrites dx. */
    public void backward(
            float[] dy, int dyo, float[] dx, int dxo, int batch, int height, int width, int channels, int kh, int kw) {
        int outHeight = height / kh;
        int outWidth = width / kw;
        float scale = 1f / (kh * kw);
        workers.parallelFor(batch * height, task -> {
            int row = task % height / kh;
            int to = dxo + task * width * channels;
            int from = dyo + (task / height * outHeight + row) * outWidth * channels;
            int covered = row < outHeight ? outWidth * kw : 0;
            for (var w = 0; w < covered; w++) {
                Rows.affine(scale, 0f, dy, from + w / kw * channels, dx, to + w * channels, channels);
            }
            Arrays.fill(dx, to + covered * channels, to + width * channels, 0f);
        });
    }
}
