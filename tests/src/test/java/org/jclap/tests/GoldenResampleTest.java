package org.jclap.tests;

import java.util.stream.Stream;
import org.jclap.clap.audio.Resampler;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tests.kit.Golden;
import org.jclap.tests.kit.Tolerance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Resampling between the usual rates, against the windowed sinc of torchaudio. */
final class GoldenResampleTest {
    /** Sums of some dozen F32 products in another order. */
    private static final Tolerance TOLERANCE = Tolerance.relative(1e-6);

    private static final Safetensors GOLDEN = Golden.open("resample");

    /** Every pair of rates in the file, as {@code from_to}. */
    static Stream<String> rates() {
        return GOLDEN.names().stream().filter(name -> name.endsWith(".x")).map(name -> name.replace(".x", ""));
    }

    @ParameterizedTest
    @MethodSource("rates")
    void resamplesAsTheReference(String rates) {
        String[] ends = rates.split("_");
        Resampler resampler = Resampler.of(Integer.parseInt(ends[0]), Integer.parseInt(ends[1]));
        float[] actual = resampler.apply(GOLDEN.elements(rates + ".x").floats());
        double[] values = new double[actual.length];
        java.util.Arrays.setAll(values, i -> actual[i]);
        TOLERANCE.check(rates, Golden.doubles(GOLDEN, rates + ".y"), values);
    }
}
