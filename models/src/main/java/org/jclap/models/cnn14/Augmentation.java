package org.jclap.models.cnn14;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What PANNs does to a normalised spectrogram {@code (B, T, F)} in training: SpecAugment (arXiv 1904.08779) sets stripes of
 * time and of mel bands to 0, mixup (arXiv 1710.09412) blends the rows 2i and 2i + 1 and halves the batch.
 *
 * @param keep {@code (B, T, F)}, 0 inside a stripe and 1 elsewhere; null without SpecAugment
 * @param lambda {@code (B / 2, 1, 1)}, the weight of the even row; null without mixup
 */
public record Augmentation(@Nullable Tensor keep, @Nullable Tensor lambda) {
    private static final int STRIPES = 2;
    private static final int WIDEST_TIME = 64;
    private static final int WIDEST_MEL = 8;

    /** Draws stripes for every clip of a batch: {@link #keep}, row-major. */
    public static float[] stripes(int batch, int frames, int mels, RandomGenerator random) {
        float[] keep = new float[batch * frames * mels];
        Arrays.fill(keep, 1);
        for (int b = 0; b < batch; b++) {
            int clip = b * frames * mels;
            for (int s = 0; s < STRIPES; s++) {
                int width = random.nextInt(Math.min(WIDEST_TIME, frames));
                int from = random.nextInt(frames - width);
                Arrays.fill(keep, clip + from * mels, clip + (from + width) * mels, 0);
            }
            for (int s = 0; s < STRIPES; s++) {
                int width = random.nextInt(Math.min(WIDEST_MEL, mels));
                int from = random.nextInt(mels - width);
                for (int t = 0; t < frames; t++) {
                    int row = clip + t * mels;
                    Arrays.fill(keep, row + from, row + from + width, 0);
                }
            }
        }
        return keep;
    }

    /** Draws the weights of mixup for half a batch, Beta(1, 1): uniform; {@link #lambda}. */
    public static float[] mixup(int batch, RandomGenerator random) {
        float[] lambda = new float[batch / 2];
        for (int i = 0; i < lambda.length; i++) {
            lambda[i] = random.nextFloat();
        }
        return lambda;
    }

    /** {@code (B, T, F)} to the same, or with mixup {@code (B / 2, T, F)}. */
    Tensor apply(Tensor x) {
        Tensor striped = keep == null ? x : Ops.mul(x, keep);
        return lambda == null ? striped : blend(striped, lambda);
    }

    /** Blends pairs of rows of {@code (B, ...)} with weights of as many axes; targets are blended the same way. */
    public static Tensor blend(Tensor x, Tensor lambda) {
        int pairs = x.shape().dim(0) / 2;
        int row = x.size() / x.shape().dim(0);
        Tensor paired = Ops.reshape(x, pairs, 2, row);
        Tensor weight = Ops.reshape(lambda, pairs, 1, 1);
        Tensor even = Ops.mul(Ops.slice(paired, 1, 0, 1), weight);
        Tensor odd = Ops.mul(Ops.slice(paired, 1, 1, 2), Ops.affine(weight, -1, 1));
        return Ops.reshape(Ops.add(even, odd), x.shape().with(0, pairs));
    }
}
