package org.jclap.models.cnn14;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AugmentationTest {
    private static final int FRAMES = 100;
    private static final int MELS = 64;

    private final ReferenceBackend backend = new ReferenceBackend();

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void stripesCoverWholeRowsAndColumnsOfEveryClipAnew() {
        int clips = 200;
        float[] keep = Augmentation.stripes(clips, FRAMES, MELS, new SplittableRandom(1));
        int widestTime = 0;
        int widestMel = 0;
        for (int b = 0; b < clips; b++) {
            float[] clip = Arrays.copyOfRange(keep, b * FRAMES * MELS, (b + 1) * FRAMES * MELS);
            boolean[] time = new boolean[FRAMES];
            boolean[] mel = new boolean[MELS];
            for (int t = 0; t < FRAMES; t++) {
                time[t] = isZero(clip, t * MELS, 1, MELS);
            }
            for (int m = 0; m < MELS; m++) {
                mel[m] = isZero(clip, m, MELS, FRAMES);
            }
            for (int t = 0; t < FRAMES; t++) {
                for (int m = 0; m < MELS; m++) {
                    assertEquals(time[t] || mel[m] ? 0 : 1, clip[t * MELS + m], "clip " + b);
                }
            }
            widestTime = Math.max(widestTime, count(time));
            widestMel = Math.max(widestMel, count(mel));
        }
        // Two stripes of at most 63 frames or 7 bands; over many clips they come near that.
        assertTrue(widestTime > 63 && widestTime <= 100, "frames " + widestTime);
        assertTrue(widestMel > 7 && widestMel <= 14, "bands " + widestMel);
        assertFalse(Arrays.equals(
                Arrays.copyOf(keep, FRAMES * MELS), Arrays.copyOfRange(keep, FRAMES * MELS, 2 * FRAMES * MELS)));
    }

    @Test
    void stripesFitClipsThatAreShorterThanTheWidest() {
        float[] keep = Augmentation.stripes(50, 4, 3, new SplittableRandom(2));
        assertEquals(600, keep.length);
        assertTrue(Arrays.equals(keep, Augmentation.stripes(50, 4, 3, new SplittableRandom(2))));
    }

    @Test
    void mixupBlendsNeighboursAndHalvesTheBatch() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(4, 1, 2), 1f, 2f, 5f, 10f, -1f, 0f, 1f, 8f);
            Tensor lambda = Tensor.of(backend, Shape.of(2, 1, 1), 0.75f, 0f);
            Tensor mixed = new Augmentation(null, lambda).apply(x);
            assertEquals(Shape.of(2, 1, 2), mixed.shape());
            assertArrayEquals(new float[] {2, 4, 1, 8}, mixed.toFloats());
            // Targets (B, classes) are blended with the same weights.
            Tensor targets = Tensor.of(backend, Shape.of(4, 2), 1f, 0f, 0f, 1f, 1f, 1f, 0f, 1f);
            assertArrayEquals(
                    new float[] {0.75f, 0.25f, 0, 1},
                    Augmentation.blend(targets, lambda).toFloats());
        }
    }

    @Test
    void mixupDrawsUniformWeights() {
        float[] values = Augmentation.mixup(20_000, new SplittableRandom(3));
        assertEquals(10_000, values.length);
        int low = 0;
        for (float value : values) {
            assertTrue(value >= 0 && value < 1);
            low += value < 0.25f ? 1 : 0;
        }
        // Four deviations of a binomial share.
        assertEquals(0.25, low / 10_000.0, 4 * Math.sqrt(0.25 * 0.75 / 10_000));
    }

    @Test
    void stripesComeBeforeTheBlend() {
        try (Scope _ = Scope.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2, 1, 2), 4f, 4f, 8f, 8f);
            Tensor keep = Tensor.of(backend, Shape.of(2, 1, 2), 0f, 1f, 1f, 0f);
            Tensor lambda = Tensor.of(backend, Shape.of(1, 1, 1), 0.5f);
            assertArrayEquals(
                    new float[] {4, 2}, new Augmentation(keep, lambda).apply(x).toFloats());
            assertArrayEquals(
                    new float[] {0, 4, 8, 0},
                    new Augmentation(keep, null).apply(x).toFloats());
        }
    }

    private static boolean isZero(float[] values, int from, int stride, int count) {
        for (int i = 0; i < count; i++) {
            if (values[from + i * stride] != 0) {
                return false;
            }
        }
        return true;
    }

    private static int count(boolean[] flags) {
        int count = 0;
        for (boolean flag : flags) {
            count += flag ? 1 : 0;
        }
        return count;
    }
}
