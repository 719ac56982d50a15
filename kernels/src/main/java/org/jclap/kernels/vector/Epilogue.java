package org.jclap.kernels.vector;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a product while its tile is still in the cache: {@code z = C + bias}, kept on request, then {@code C
 * = activation(z)}.
 *
 * @param bias one value per column, or null for none
 * @param biasOffset where the bias begins
 * @param activation what is applied to z, or null for nothing
 * @param preActivation receives z, row-major, or null when nobody needs it
 * @param preOffset where the first row of z goes
 * @param preStride the distance between rows of z
 */
@SuppressWarnings("ArrayRecordComponent")
public record Epilogue(
        float @Nullable [] bias,
        int biasOffset,
        @Nullable Unary activation,
        float @Nullable [] preActivation,
        int preOffset,
        int preStride) {
    /** The product as it is. */
    public static final Epilogue NONE = new Epilogue(null, 0, null, null, 0, 0);

    /** A bias per column. */
    public static Epilogue bias(float[] bias, int biasOffset) {
        return new Epilogue(bias, biasOffset, null, null, 0, 0);
    }

    /** A bias per column, then an activation. */
    public static Epilogue activated(float[] bias, int biasOffset, Unary activation) {
        return new Epilogue(bias, biasOffset, activation, null, 0, 0);
    }

    /** The same with {@code z} stored in {@code target}, whose rows are {@code stride} apart. */
    public Epilogue keeping(float[] target, int offset, int stride) {
        return new Epilogue(bias, biasOffset, activation, target, offset, stride);
    }

    /** Finishes rows {@code i0..i1-1}, columns {@code j0..j1-1} of C. */
    void apply(float[] c, int co, int ldc, int i0, int i1, int j0, int j1) {
        if (bias == null && activation == null && preActivation == null) {
            return;
        }
        for (var i = i0; i < i1; i++) {
            int at = co + i * ldc + j0;
            if (bias != null) {
                Binary.ADD.run(c, at, bias, biasOffset + j0, c, at, j1 - j0);
            }
            if (preActivation != null) {
                System.arraycopy(c, at, Objects.requireNonNull(preActivation), preOffset + i * preStride + j0, j1 - j0);
            }
            if (activation != null) {
                activation.run(c, at, c, at, j1 - j0);
            }
        }
    }
}
