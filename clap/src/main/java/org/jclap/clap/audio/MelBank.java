package org.jclap.clap.audio;

/**
 * Triangular mel filters: a matrix (mels, bins) that turns a power spectrum into band energies.
 *
 * <p>The matrix is the model's, not the configuration's: published checkpoints carry theirs, and one trained at 32 kHz
 * keeps its bank when it is fed 44.1 kHz audio.
 */
public final class MelBank {
    /** The Slaney scale is linear below 1 kHz and logarithmic above, where 27 steps span a factor of 6.4. */
    private static final double HERTZ_PER_LINEAR_MEL = 200.0 / 3;

    private static final double LOG_START_HERTZ = 1000;
    private static final double LOG_START_MEL = LOG_START_HERTZ / HERTZ_PER_LINEAR_MEL;
    private static final double LOG_STEP = Math.log(6.4) / 27;

    private final int mels;
    private final int bins;

    /** (mels, bins). */
    private final float[] weights;

    private MelBank(int mels, int bins, float[] weights) {
        this.mels = mels;
        this.bins = bins;
        this.weights = weights;
    }

    /**
     * Slaney's scale with triangles of equal area: the defaults of librosa's {@code filters.mel}, also in its roundings
     * to float.
     */
    public static MelBank slaney(FrontEnd geometry) {
        int mels = geometry.mels();
        int bins = geometry.bins();
        double low = toMel(geometry.fMin());
        double step = (toMel(geometry.fMax()) - low) / (mels + 1);
        float[] weights = new float[mels * bins];
        for (int m = 0; m < mels; m++) {
            double left = toHertz(low + m * step);
            double centre = toHertz(low + (m + 1) * step);
            double right = toHertz(low + (m + 2) * step);
            double area = 2 / (right - left);
            for (int b = 0; b < bins; b++) {
                double hertz = (double) b * geometry.sampleRate() / geometry.windowSize();
                double rising = (hertz - left) / (centre - left);
                double falling = (right - hertz) / (right - centre);
                float height = (float) Math.max(0, Math.min(rising, falling));
                weights[m * bins + b] = (float) (height * area);
            }
        }
        return new MelBank(mels, bins, weights);
    }

    /** The bank of a checkpoint, which stores it transposed, (bins, mels), as {@code logmel_extractor.melW}. */
    public static MelBank ofTransposed(float[] matrix, int bins, int mels) {
        if (matrix.length != bins * mels) {
            throw new IllegalArgumentException(
                    "a mel matrix (%d, %d) with %d values".formatted(bins, mels, matrix.length));
        }
        return new MelBank(mels, bins, transpose(matrix, bins, mels));
    }

    /** Rows of the matrix. */
    public int mels() {
        return mels;
    }

    /** Columns of the matrix. */
    public int bins() {
        return bins;
    }

    /** A copy of the matrix (mels, bins). */
    public float[] matrix() {
        return weights.clone();
    }

    /** A copy of the transposed matrix (bins, mels), as checkpoints store it. */
    public float[] transposed() {
        return transpose(weights, mels, bins);
    }

    /** The bin with the largest weight of band {@code mel}; that of the last band betrays the sample rate of a bank. */
    public int peakBin(int mel) {
        int peak = 0;
        for (int b = 1; b < bins; b++) {
            if (weights[mel * bins + b] > weights[mel * bins + peak]) {
                peak = b;
            }
        }
        return peak;
    }

    /**
     * The bank without its zeros.
     *
     * @param width L, the bins of the widest band
     * @param weights {@code (mels, L)}: each band's weights from its first bin on, then zeros
     * @param places {@code (mels, 2)}: each band's first bin and number of bins
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data that nobody compares
    record Bands(int width, float[] weights, int[] places) {}

    /** The bands as {@link org.jclap.tensor.op.LogMel} takes them: from the first weight to the last one that is not 0. */
    Bands bands() {
        int[] places = new int[2 * mels];
        int width = 1;
        for (int m = 0; m < mels; m++) {
            int from = 0;
            int to = bins;
            while (from < to && weights[m * bins + from] == 0) {
                from++;
            }
            while (to > from && weights[m * bins + to - 1] == 0) {
                to--;
            }
            places[2 * m] = from;
            places[2 * m + 1] = to - from;
            width = Math.max(width, to - from);
        }
        float[] dense = new float[mels * width];
        for (int m = 0; m < mels; m++) {
            System.arraycopy(weights, m * bins + places[2 * m], dense, m * width, places[2 * m + 1]);
        }
        return new Bands(width, dense, places);
    }

    private static double toMel(double hertz) {
        return hertz < LOG_START_HERTZ
                ? hertz / HERTZ_PER_LINEAR_MEL
                : LOG_START_MEL + Math.log(hertz / LOG_START_HERTZ) / LOG_STEP;
    }

    private static double toHertz(double mel) {
        return mel < LOG_START_MEL
                ? mel * HERTZ_PER_LINEAR_MEL
                : LOG_START_HERTZ * Math.exp(LOG_STEP * (mel - LOG_START_MEL));
    }

    private static float[] transpose(float[] matrix, int rows, int columns) {
        float[] result = new float[matrix.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                result[c * rows + r] = matrix[r * columns + c];
            }
        }
        return result;
    }
}
