package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LogMel;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Log-mel spectrograms: every kind of pass of a transform, hops that do not divide the window, waves barely long enough. */
final class LogMelCases {
    private LogMelCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        add(1, 2, 2, 1, 1, cases);
        add(2, 7, 4, 3, 2, cases);
        add(1, 33, 8, 8, 3, cases);
        add(3, 9, 16, 1, 5, cases);
        add(2, 333, 64, 20, 7, cases);
        add(1, 127, 128, 128, 13, cases);
        add(3, 1000, 256, 80, 33, cases);
        add(1, 4410, 512, 160, 64, cases);
        add(2, 11_000, 1024, 320, 64, cases);
        add(1, 1025, 2048, 7, 5, cases);
        add(0, 100, 64, 20, 7, cases);
        silence(cases);
        oneBin(cases);
        return cases;
    }

    private static void silence(List<OpCase> cases) {
        cases.add(OpCase.of(
                new LogMel(16),
                "silence is at the floor",
                in -> List.of(
                        in.uniform(0, 0, Shape.of(2, 100)),
                        in.uniform(0.1, 1, Shape.of(32)),
                        in.uniform(0.1, 1, Shape.of(4, 3)),
                        bands(in, 4, 3, 17))));
    }

    /** The sum of positive samples, which does not cancel. */
    private static void oneBin(List<OpCase> cases) {
        cases.add(OpCase.of(
                        new LogMel(3),
                        "one bin",
                        in -> List.of(
                                in.uniform(0.5, 1, Shape.of(2, 50)),
                                in.uniform(0.1, 1, Shape.of(16)),
                                in.uniform(0.1, 1, Shape.of(1, 1)),
                                in.values(DType.I32, Shape.of(1, 2), 0, 1)))
                .within(16, 4, 40));
    }

    /**
     * Where several bins of noise add up, an energy is no sum of cancelling terms: its relative error of a few roundings for
     * each of log2 W passes makes 4.3 times as many dB, and the result itself, of some ten dB, rounds once more.
     */
    private static void add(int batch, int samples, int window, int hop, int mels, List<OpCase> cases) {
        int bins = window / 2 + 1;
        int width = Math.min(9, bins);
        cases.add(OpCase.of(
                        new LogMel(hop),
                        "%d x %d, window %d, %d bands".formatted(batch, samples, window, mels),
                        in -> List.of(
                                in.uniform(batch, samples),
                                in.uniform(0.1, 1, Shape.of(window)),
                                in.uniform(0.1, 1, Shape.of(mels, width)),
                                bands(in, mels, width, bins)))
                .within(window, 4, 40));
    }

    /** From four bins to {@code width} of them, where there are so many, anywhere in the spectrum. */
    private static Tensor bands(Inputs in, int mels, int width, int bins) {
        double[] bands = new double[2 * mels];
        for (int f = 0; f < mels; f++) {
            int count = Math.min(width, 4 + f % width);
            bands[2 * f] = f * 7 % (bins - count + 1);
            bands[2 * f + 1] = count;
        }
        return in.values(DType.I32, Shape.of(mels, 2), bands);
    }
}
