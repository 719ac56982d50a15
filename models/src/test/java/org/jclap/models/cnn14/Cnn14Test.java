package org.jclap.models.cnn14;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.models.nn.Pass;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class Cnn14Test {
    private static final Cnn14Config SIZES = new Cnn14Config(List.of(2, 3, 3, 4, 4, 6), 10, 5, 32, 64);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Weights weights = new Weights(backend, 1);
    private final Cnn14 cnn = new Cnn14(weights, SIZES);

    @AfterEach
    void close() {
        weights.close();
        backend.close();
    }

    @Test
    void givesAnEmbeddingAndLogitsForAnyNumberOfFrames() {
        for (int frames : new int[] {32, 33, 70}) {
            try (Scope _ = Scope.open()) {
                Cnn14.Output output = cnn.forward(logMel(3, frames), Pass.evaluation());
                assertEquals(Shape.of(3, 10), output.embedding().shape());
                assertEquals(Shape.of(3, 5), output.logits().shape());
            }
        }
    }

    @Test
    void aClipDoesNotDependOnItsBatchInEvaluation() {
        try (Scope _ = Scope.open()) {
            Tensor three = logMel(3, 40);
            float[] last = Arrays.copyOfRange(three.toFloats(), 2 * 40 * 32, 3 * 40 * 32);
            float[] alone = cnn.forward(Tensor.of(backend, Shape.of(1, 1, 40, 32), last), Pass.evaluation())
                    .embedding()
                    .toFloats();
            float[] together = cnn.forward(three, Pass.evaluation()).embedding().toFloats();
            assertArrayEquals(alone, Arrays.copyOfRange(together, 20, 30), 1e-6f);
        }
    }

    @Test
    void trainingUpdatesTheRunningStatisticsAndEvaluationDoesNot() {
        try (Scope _ = Scope.open()) {
            Tensor mean = weights.state().get("bn0.running_mean");
            cnn.forward(logMel(4, 32), Pass.evaluation());
            assertArrayEquals(new float[32], mean.toFloats());
            cnn.forward(logMel(4, 32), Pass.trainingWithoutDropout());
            assertFalse(Arrays.equals(new float[32], mean.toFloats()));
        }
    }

    @Test
    void everyDropoutHasAStreamOfItsOwn() {
        try (Weights other = new Weights(backend, 1)) {
            int before = other.nextStream();
            new Cnn14(other, SIZES);
            // Six blocks, before fc1, behind it; and the one after belongs to somebody else.
            assertEquals(before + 9, other.nextStream());
        }
    }

    @Test
    void dropoutChangesWithTheStepAndNothingElse() {
        try (Scope _ = Scope.open()) {
            Tensor x = logMel(4, 32);
            float[] first = dropped(x, 1);
            assertArrayEquals(first, dropped(x, 1));
            assertFalse(Arrays.equals(first, dropped(x, 2)));
        }
    }

    private float[] dropped(Tensor x, long step) {
        Pass pass = Pass.training(Tensor.of(backend, Shape.of(2), 9L, step));
        return cnn.forward(x, pass).embedding().toFloats();
    }

    @Test
    void aShortClipIsAnErrorWithTheRemedy() {
        UserException e = assertThrows(UserException.class, () -> cnn.forward(logMel(2, 31), Pass.evaluation()));
        assertTrue(e.getMessage().contains("at least 32") && e.getMessage().contains("31"), e.getMessage());
        assertTrue(e.getMessage().contains("longer clips"), e.getMessage());
    }

    @Test
    void anotherNumberOfBandsIsAnError() {
        Tensor wrong = Tensor.of(backend, Shape.of(1, 1, 32, 64), new float[32 * 64]);
        var e = assertThrows(IllegalArgumentException.class, () -> cnn.forward(wrong, Pass.evaluation()));
        assertTrue(e.getMessage().contains("(B, 1, T, 32)") && e.getMessage().contains("64"), e.getMessage());
        Tensor flat = Tensor.of(backend, Shape.of(1, 32, 32), new float[32 * 32]);
        assertThrows(IllegalArgumentException.class, () -> cnn.forward(flat, Pass.evaluation()));
    }

    @Test
    void theFrontEndMatricesAreAWindowedTransform() {
        float[] real = weights.state()
                .get("spectrogram_extractor.stft.conv_real.weight")
                .toFloats();
        float[] imaginary = weights.state()
                .get("spectrogram_extractor.stft.conv_imag.weight")
                .toFloats();
        assertEquals(
                Shape.of(33, 1, 64),
                weights.state()
                        .get("spectrogram_extractor.stft.conv_real.weight")
                        .shape());
        // A cosine of bin 5 has the power (N / 4)^2 in its bin under a Hann window, half the amplitude beside it.
        double[] power = new double[33];
        for (int k = 0; k < 33; k++) {
            double re = 0;
            double im = 0;
            for (int n = 0; n < 64; n++) {
                double x = Math.cos(2 * Math.PI * 5 * n / 64 + 0.3);
                re += real[k * 64 + n] * x;
                im += imaginary[k * 64 + n] * x;
            }
            power[k] = re * re + im * im;
        }
        assertEquals(256, power[5], 1e-2);
        assertEquals(64, power[4], 1e-2);
        assertEquals(64, power[6], 1e-2);
        assertEquals(0, power[9], 1e-6);
    }

    @Test
    void sizesAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> new Cnn14Config(List.of(1, 2, 3), 4, 5, 64, 1024));
        assertThrows(IllegalArgumentException.class, () -> new Cnn14Config(List.of(1, 2, 3, 4, 5, 0), 4, 5, 64, 1024));
        assertThrows(IllegalArgumentException.class, () -> SIZES.withClasses(0));
    }

    private Tensor logMel(int batch, int frames) {
        SplittableRandom random = new SplittableRandom(frames);
        float[] values = new float[batch * frames * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (-40 + 20 * random.nextDouble());
        }
        return Tensor.of(backend, Shape.of(batch, 1, frames, 32), values);
    }
}
