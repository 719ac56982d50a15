package org.jclap.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jclap.kernels.vector.ConvShape;
import org.jclap.kernels.vector.Convolution;
import org.jclap.kernels.vector.Epilogue;
import org.jclap.kernels.vector.Workers;
import org.jclap.tensor.Tensor;

/**
 * Each algorithm of the CPU on the same 3x3 convolution, whatever {@link Convolution#choose} says: the one that it chooses is
 * to be the fastest, or nearly so. Sizes are those of CNN14's blocks, and smaller ones where the choice changes.
 */
final class ConvolutionRuleCases {
    private static final int BATCH = 4;
    /** Products of channels above which the definition is not a candidate. */
    private static final int MOST_DIRECT = 64 * 64;

    private ConvolutionRuleCases() {}

    static List<BenchCase> all() {
        return Stream.of(
                        shape(1, 64, 690, 64),
                        shape(4, 8, 172, 16),
                        shape(8, 16, 172, 16),
                        shape(16, 32, 172, 16),
                        shape(64, 64, 690, 64),
                        shape(256, 256, 172, 16),
                        shape(1024, 1024, 43, 4),
                        shape(2048, 2048, 21, 2),
                        shape(64, 64, 2, 2),
                        shape(512, 512, 2, 2))
                .flatMap(shape -> candidates(shape).map(algorithm -> benchCase(shape, algorithm)))
                .toList();
    }

    private static ConvShape shape(int in, int out, int height, int width) {
        return ConvShape.same3x3(BATCH, height, width, in, out);
    }

    private static Stream<Convolution.Algorithm> candidates(ConvShape s) {
        return Arrays.stream(Convolution.Algorithm.values())
                .filter(algorithm ->
                        algorithm != Convolution.Algorithm.DIRECT || s.inChannels() * s.outChannels() <= MOST_DIRECT);
    }

    private static BenchCase benchCase(ConvShape s, Convolution.Algorithm algorithm) {
        var name = "rule/%d to %d channels %dx%d, %s%s"
                .formatted(
                        s.inChannels(),
                        s.outChannels(),
                        s.height(),
                        s.width(),
                        algorithm.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        algorithm == Convolution.choose(s) ? " (chosen)" : "");
        double pixels = (double) s.batch() * s.height() * s.width();
        var work = Work.flops(2 * 9 * pixels * s.inChannels() * s.outChannels());
        return new BenchCase(name, work, stage -> new Run(s, algorithm, stage));
    }

    /** One algorithm with threads of its own. */
    private static final class Run implements Workload {
        private final ConvShape shape;
        private final Convolution.Algorithm algorithm;
        private final Workers workers;
        private final Convolution convolution;
        private final float[] x;
        private final float[] weights;
        private final float[] y;

        Run(ConvShape s, Convolution.Algorithm algorithm, Stage stage) {
            shape = s;
            this.algorithm = algorithm;
            workers = new Workers(stage.threads());
            convolution = new Convolution(workers);
            x = stage.uniform(s.batch(), s.height(), s.width(), s.inChannels()).toFloats();
            weights = stage.uniform(s.outChannels(), s.inChannels(), 3, 3).toFloats();
            y = new float[s.batch() * s.height() * s.width() * s.outChannels()];
        }

        @Override
        public List<Tensor> run() {
            convolution.forward(algorithm, shape, x, 0, weights, 0, y, 0, Epilogue.NONE);
            return List.of();
        }

        @Override
        public void close() {
            workers.close();
        }
    }
}
