package org.jclap.kernels.vector;

/**
 * A matrix operand that can be copied into panels: for the left operand the vectors are its rows, for the right one its
 * columns, and the steps run along k.
 */
@FunctionalInterface
interface Panels {
    /**
     * Writes the vectors {@code first..first+count-1} at the steps {@code step..step+steps-1}: element (vector v, step
     * p) to {@code panel[at + (p - step) * width + (v - first)]}, and zeros for the vectors {@code count..width-1}.
     */
    void pack(int first, int count, int width, int step, int steps, float[] panel, int at);
}
