package org.jclap.kernels.vector;

/**
 * The sizes of a convolution: x {@code (B, H, W, Cin)}, weights {@code (Cout, Cin, KH, KW)}, y {@code (B, OH, OW,
 * Cout)}. Stride and padding are the same in both directions.
 */
public record ConvShape(
        int batch,
        int height,
        int width,
        int inChannels,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int padding) {
    /** A 3x3 convolution with stride 1 whose output is as large as its input. */
    public static ConvShape same3x3(int batch, int height, int width, int inChannels, int outChannels) {
        return new ConvShape(batch, height, width, inChannels, outChannels, 3, 3, 1, 1);
    }

    /** Rows of y. */
    public int outHeight() {
        return (height + 2 * padding - kernelHeight) / stride + 1;
    }

    /** Columns of y. */
    public int outWidth() {
        return (width + 2 * padding - kernelWidth) / stride + 1;
    }

    /** Positions of one filter over one image and channel. */
    int taps() {
        return kernelHeight * kernelWidth;
    }

    boolean isSame3x3() {
        return kernelHeight == 3 && kernelWidth == 3 && stride == 1 && padding == 1;
    }
}
