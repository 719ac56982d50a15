package org.jclap.kernels.vector;

/**
 * The innermost loop of matrix products on operands that stay in the nearest cache. A benchmark holds it against {@link
 * PeakKernel}: how a JDK's compiler allocates its registers decides the speed of everything above it.
 */
public final class MicroKernelProbe {
    private static final int DEPTH = 256;

    /** Floating point operations of one call of {@link #run}. */
    public static final double FLOPS = 2.0 * DEPTH * MicroKernel.TALL_ROWS * MicroKernel.COLUMNS;

    private final float[] a = new float[DEPTH * MicroKernel.PITCH];
    private final float[] b = new float[DEPTH * MicroKernel.COLUMNS];
    private final float[] c = new float[MicroKernel.TALL_ROWS * MicroKernel.COLUMNS];

    /** One tile of C. */
    public void run() {
        MicroKernel.tallPanels(DEPTH, a, 0, b, 0, 1, c, 0, MicroKernel.COLUMNS, false);
    }
}
