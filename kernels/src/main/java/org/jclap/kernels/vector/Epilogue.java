package org.jclap.kernels.vector;

import org.jspecify.annotations.Nullable;

/** What is done to rows of a result while they are still in the cache. */
public sealed interface Epilogue {
    /** The result as it is. */
    Epilogue NONE = new None();

    /** Finishes rows {@code i0..i1-1}, columns {@code j0..j1-1} of C. */
    void apply(float[] c, int co, int ldc, int i0, int i1, int j0, int j1);

    /** Nothing. */
    record None() implements Epilogue {
        @Override
        public void apply(float[] c, int co, int ldc, int i0, int i1, int j0, int j1) {}
    }

    /** A bias per column. */
    static Bias bias(float[] bias, int biasOffset) {
        return new Bias(bias, biasOffset, null, null, 0, 0);
    }

    /** A bias per column, then an activation. */
    static Bias activated(float[] bias, int biasOffset, Unary activation) {
        return new Bias(bias, biasOffset, activation, null, 0, 0);
    }

    /**
     * {@code z = C + bias}, kept on request, then {@code C = activation(z)}.
     *
     * @param bias one value per column
     * @param biasOffset where the bias begins
     * @param activation what is applied to z, or null for nothing
     * @param preActivation receives z, row-major, or null when nobody needs it
     * @param preOffset where the first row of z goes
     * @param preStride the distance between rows of z
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Bias(
            float[] bias,
            int biasOffset,
            @Nullable Unary activation,
            float @Nullable [] preActivation,
            int preOffset,
            int preStride)
            implements Epilogue {
        /** The same with {@code z} stored in {@code target}, whose rows are {@code stride} apart. */
        public Bias keeping(float[] target, int offset, int stride) {
            return new Bias(bias, biasOffset, activation, target, offset, stride);
        }

        @Override
        public void apply(float[] c, int co, int ldc, int i0, int i1, int j0, int j1) {
            for (var i = i0; i < i1; i++) {
                int at = co + i * ldc + j0;
                Binary.ADD.run(c, at, bias, biasOffset + j0, c, at, j1 - j0);
                if (preActivation != null) {
                    System.arraycopy(c, at, preActivation, preOffset + i * preStride + j0, j1 - j0);
                }
                if (activation != null) {
                    activation.run(c, at, c, at, j1 - j0);
                }
            }
        }
    }

    /** {@code C = scale C + shift} per column, then a ReLU on request: batch normalisation with known statistics. */
    @SuppressWarnings("ArrayRecordComponent")
    record Normalisation(float[] scale, float[] shift, boolean relu) implements Epilogue {
        /** The normalisation of {@code columns} columns by running averages. */
        public static Normalisation of(
                float[] gamma,
                float[] beta,
                float[] runningMean,
                float[] runningVariance,
                float eps,
                boolean relu,
                int columns) {
            var scale = new float[columns];
            var shift = new float[columns];
            for (var c = 0; c < columns; c++) {
                scale[c] = (float) (gamma[c] / Math.sqrt((double) runningVariance[c] + eps));
                shift[c] = (float) (beta[c] - (double) runningMean[c] * scale[c]);
            }
            return new Normalisation(scale, shift, relu);
        }

        @Override
        public void apply(float[] c, int co, int ldc, int i0, int i1, int j0, int j1) {
            for (var i = i0; i < i1; i++) {
                int at = co + i * ldc + j0;
                Rows.scaleAndShift(c, at, scale, shift, j0, relu, c, at, j1 - j0);
            }
        }
    }
}
