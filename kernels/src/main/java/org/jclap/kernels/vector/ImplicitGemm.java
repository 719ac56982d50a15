package org.jclap.kernels.vector;

/**
 * Convolutions of any kernel size, stride and padding as matrix products. The unfolded image, whose rows are output
 * positions and whose columns are (tap, channel), exists only in packed panels.
 */
final class ImplicitGemm {
    private final Workers workers;
    private final Gemm gemm;

    ImplicitGemm(Workers workers) {
        this.workers = workers;
        gemm = new Gemm(workers);
    }

    /** y(P, Cout) = epilogue(unfold(x)(P, taps Cin) W), with P = B OH OW. */
    void forward(ConvShape s, float[] x, int xo, float[] weights, int wo, float[] y, int yo, Epilogue epilogue) {
        var filters = filters(weights, wo, s.inChannels(), s.inChannels() * s.taps(), s.taps());
        gemm.multiply(
                s.batch() * s.outHeight() * s.outWidth(),
                s.outChannels(),
                s.inChannels() * s.taps(),
                1f,
                new Unfolded(s, x, xo),
                filters,
                y,
                yo,
                s.outChannels(),
                false,
                epilogue);
    }

    /** dx(B H W, Cin) = fold(dy)(B H W, taps Cout) W', where fold finds the outputs that an input took part in. */
    void backwardData(ConvShape s, float[] dy, int dyo, float[] weights, int wo, float[] dx, int dxo) {
        var filters = filters(weights, wo, s.outChannels(), s.taps(), s.inChannels() * s.taps());
        gemm.multiply(
                s.batch() * s.height() * s.width(),
                s.inChannels(),
                s.outChannels() * s.taps(),
                1f,
                new Folded(s, dy, dyo),
                filters,
                dx,
                dxo,
                s.inChannels(),
                false,
                Epilogue.NONE);
    }

    /** dW(Cout, taps Cin) = dy^T(Cout, P) unfold(x), then reordered to (Cout, Cin, taps). */
    void backwardWeights(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
        int columns = s.inChannels() * s.taps();
        var product = Scratch.take(s.outChannels() * columns);
        gemm.multiply(
                s.outChannels(),
                columns,
                s.batch() * s.outHeight() * s.outWidth(),
                1f,
                Matrix.rowMajor(dy, dyo, s.outChannels()).transposed().asLeft(),
                transposed(new Unfolded(s, x, xo)),
                product,
                0,
                columns,
                false,
                Epilogue.NONE);
        workers.parallelRanges(s.outChannels(), 16, (from, to) -> {
            for (var o = from; o < to; o++) {
                for (var c = 0; c < s.inChannels(); c++) {
                    for (var t = 0; t < s.taps(); t++) {
                        dw[dwo + o * columns + c * s.taps() + t] = product[o * columns + t * s.inChannels() + c];
                    }
                }
            }
        });
        Scratch.give(product);
    }

    /** The filters with rows (tap, channel), from their element strides. */
    private static Panels filters(float[] weights, int wo, int channels, int vectorStride, int channelStride) {
        return (first, count, width, step, steps, panel, at) -> {
            for (var p = 0; p < steps; p++) {
                int tap = (step + p) / channels;
                int from = wo + (step + p) % channels * channelStride + tap + first * vectorStride;
                for (var v = 0; v < width; v++) {
                    panel[at + p * width + v] = v < count ? weights[from + v * vectorStride] : 0f;
                }
            }
        };
    }

    /** Vectors and steps exchanged. */
    private static Panels transposed(Panels source) {
        return (first, count, width, step, steps, panel, at) -> {
            var turned = Scratch.take(steps * count);
            source.pack(step, steps, steps, first, count, turned, 0);
            for (var v = 0; v < width; v++) {
                for (var p = 0; p < steps; p++) {
                    panel[at + p * width + v] = v < count ? turned[v * steps + p] : 0f;
                }
            }
            Scratch.give(turned);
        };
    }

    /** Rows of {@code channels} values per (position, tap), each a run of the data or zeros. */
    private interface Window extends Panels {
        ConvShape shape();

        float[] data();

        int channels();

        /** Rows and columns of the positions. */
        int rows();

        int columns();

        /** Where the run of a position and a tap (i, j) begins, or -1 when it is outside. */
        int find(int image, int row, int column, int i, int j);

        @Override
        default void pack(int first, int count, int width, int step, int steps, float[] panel, int at) {
            for (var v = 0; v < width; v++) {
                int position = first + v;
                int column = position % columns();
                int row = position / columns() % rows();
                int image = position / (columns() * rows());
                int run;
                for (var p = 0; p < steps; p += run) {
                    int tap = (step + p) / channels();
                    int channel = (step + p) % channels();
                    run = Math.min(channels() - channel, steps - p);
                    int from = v < count
                            ? find(image, row, column, tap / shape().kernelWidth(), tap % shape().kernelWidth())
                            : -1;
                    spread(data(), from < 0 ? -1 : from + channel, run, panel, at + p * width + v, width);
                }
            }
        }

        private static void spread(float[] data, int from, int run, float[] panel, int at, int step) {
            for (var q = 0; q < run; q++) {
                panel[at + q * step] = from < 0 ? 0f : data[from + q];
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Unfolded(ConvShape shape, float[] data, int offset) implements Window {
        @Override
        public int channels() {
            return shape.inChannels();
        }

        @Override
        public int rows() {
            return shape.outHeight();
        }

        @Override
        public int columns() {
            return shape.outWidth();
        }

        @Override
        public int find(int image, int row, int column, int i, int j) {
            int r = row * shape.stride() - shape.padding() + i;
            int c = column * shape.stride() - shape.padding() + j;
            boolean inside = r >= 0 && r < shape.height() && c >= 0 && c < shape.width();
            return inside ? offset + ((image * shape.height() + r) * shape.width() + c) * shape.inChannels() : -1;
        }
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Folded(ConvShape shape, float[] data, int offset) implements Window {
        @Override
        public int channels() {
            return shape.outChannels();
        }

        @Override
        public int rows() {
            return shape.height();
        }

        @Override
        public int columns() {
            return shape.width();
        }

        @Override
        public int find(int image, int row, int column, int i, int j) {
            int r = row + shape.padding() - i;
            int c = column + shape.padding() - j;
            if (r < 0 || c < 0 || r % shape.stride() != 0 || c % shape.stride() != 0) {
                return -1;
            }
            int y = r / shape.stride();
            int x = c / shape.stride();
            boolean inside = y < shape.outHeight() && x < shape.outWidth();
            return inside
                    ? offset + ((image * shape.outHeight() + y) * shape.outWidth() + x) * shape.outChannels()
                    : -1;
        }
    }
}
