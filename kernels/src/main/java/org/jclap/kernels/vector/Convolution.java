package org.jclap.kernels.vector;

/**
 * Convolutions of channels-last images: x {@code (B, H, W, Cin)}, y {@code (B, OH, OW, Cout)}, weights in PyTorch's
 * order {@code (Cout, Cin, KH, KW)}, all contiguous.
 */
public final class Convolution {
    /** How a convolution is computed. */
    public enum Algorithm {
        /** Winograd's F(4x4, 3x3): 36 multiplications where the definition has 144. */
        WINOGRAD,
        /** The definition, lane by output channel: for few channels. */
        DIRECT,
        /** A matrix product whose operand is gathered from the image while it is packed. */
        IMPLICIT_GEMM
    }

    /** Work of the transforms per tile element and channel, in multiplications: additions and memory traffic. */
    private static final long TRANSFORM_COST = 12;

    /** Pairs of channels up to which the nine taps of the definition stay in the L1 cache. */
    private static final int DIRECT_WEIGHTS = 512;

    private final DirectConvolution direct;
    private final ImplicitGemm implicitGemm;
    private final Winograd winograd;
    private final WinogradFilterGradient winogradFilterGradient;

    /** Convolutions on the given threads. */
    public Convolution(Workers workers) {
        direct = new DirectConvolution(workers);
        implicitGemm = new ImplicitGemm(workers);
        winograd = new Winograd(workers);
        winogradFilterGradient = new WinogradFilterGradient(workers);
    }

    /**
     * For 3x3 kernels the cheaper of the definition and Winograd, counted in multiplications of padded channels: the
     * definition where the transforms cost more than they save, as with few channels or on images much smaller than a
     * tile; but a matrix product where the definition would leave most lanes empty or its weights out of the L1 cache.
     */
    public static Algorithm choose(ConvShape s) {
        return choose(s, s.inChannels(), s.outChannels());
    }

    private static Algorithm choose(ConvShape s, int in, int out) {
        if (!s.isSame3x3()) {
            return Algorithm.IMPLICIT_GEMM;
        }
        long panels = Math.ceilDiv(out, WinogradKernel.COLUMNS) * (long) WinogradKernel.COLUMNS;
        long tiles = (long) Math.ceilDiv(s.height(), 4) * Math.ceilDiv(s.width(), 4);
        long winograd = 36 * tiles * (in * panels + TRANSFORM_COST * (Lanes.padded(in) + panels));
        // With one output channel, lanes are the nine taps.
        long direct = (long) s.height() * s.width() * in * (out == 1 ? Lanes.padded(9) : 9L * Lanes.padded(out));
        if (winograd < direct) {
            return Algorithm.WINOGRAD;
        }
        return in * out <= DIRECT_WEIGHTS ? Algorithm.DIRECT : Algorithm.IMPLICIT_GEMM;
    }

    /**
     * {@code y[b,h,w,o] = sum x[b, h*stride+i-pad, w*stride+j-pad, c] weights[o,c,i,j]}, whose rows (b, h, w) the epilogue
     * finishes; overwrites y.
     */
    public void forward(ConvShape s, float[] x, int xo, float[] weights, int wo, float[] y, int yo, Epilogue epilogue) {
        forward(choose(s), s, x, xo, weights, wo, y, yo, epilogue);
    }

    /** As above, by this algorithm; Winograd's takes 3x3 kernels with stride 1 and padding 1 only. */
    public void forward(
            Algorithm algorithm,
            ConvShape s,
            float[] x,
            int xo,
            float[] weights,
            int wo,
            float[] y,
            int yo,
            Epilogue epilogue) {
        switch (algorithm) {
            case WINOGRAD ->
                winograd.convolve(
                        s.batch(),
                        s.height(),
                        s.width(),
                        x,
                        xo,
                        WinogradFilter.forward(s, weights, wo),
                        y,
                        yo,
                        epilogue);
            case DIRECT -> direct.forward(s, x, xo, weights, wo, y, yo, epilogue);
            case IMPLICIT_GEMM -> implicitGemm.forward(s, x, xo, weights, wo, y, yo, epilogue);
        }
    }

    /** The gradient of x from that of y; overwrites dx. */
    public void backwardData(ConvShape s, float[] dy, int dyo, float[] weights, int wo, float[] dx, int dxo) {
        switch (choose(s, s.outChannels(), s.inChannels())) {
            case WINOGRAD ->
                winograd.convolve(
                        s.batch(),
                        s.height(),
                        s.width(),
                        dy,
                        dyo,
                        WinogradFilter.backward(s, weights, wo),
                        dx,
                        dxo,
                        Epilogue.NONE);
            case DIRECT -> direct.backwardData(s, dy, dyo, weights, wo, dx, dxo);
            case IMPLICIT_GEMM -> implicitGemm.backwardData(s, dy, dyo, weights, wo, dx, dxo);
        }
    }

    /** The gradient of the weights, in their order; overwrites dw. */
    public void backwardWeights(ConvShape s, float[] x, int xo, float[] dy, int dyo, float[] dw, int dwo) {
        switch (choose(s)) {
            case WINOGRAD -> winogradFilterGradient.compute(s, x, xo, dy, dyo, dw, dwo);
            case DIRECT -> direct.backwardWeights(s, x, xo, dy, dyo, dw, dwo);
            case IMPLICIT_GEMM -> implicitGemm.backwardWeights(s, x, xo, dy, dyo, dw, dwo);
        }
    }
}
