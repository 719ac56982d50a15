package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Maps of one array: {@code y[i] = f(x[i])}. Each constant has a loop of its own, because C2 keeps vectors in registers
 * only where it inlines every call ({@link VectorMath} says more).
 */
public enum Unary {
    /** {@code -x}. */
    NEG {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, x, xo + i).neg().intoArray(y, yo + i);
            }
        }
    },
    /** {@code |x|}. */
    ABS {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, x, xo + i).abs().intoArray(y, yo + i);
            }
        }
    },
    /** {@code e^x}. */
    EXP {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.exp(x, xo, y, yo, n);
        }
    },
    /** {@code ln x}. */
    LOG {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.log(x, xo, y, yo, n);
        }
    },
    /** {@code sqrt(x)}. */
    SQRT {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, x, xo + i)
                        .lanewise(VectorOperators.SQRT)
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code 1 / x}. */
    RECIPROCAL {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.broadcast(SPECIES, 1f)
                        .div(FloatVector.fromArray(SPECIES, x, xo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code x^2}. */
    SQUARE {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                var v = FloatVector.fromArray(SPECIES, x, xo + i);
                v.mul(v).intoArray(y, yo + i);
            }
        }
    },
    /** {@code max(x, 0)}, and NaN for NaN. */
    RELU {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, x, xo + i).max(0f).intoArray(y, yo + i);
            }
        }
    },
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.sigmoid(x, xo, y, yo, n);
        }
    },
    /** {@code tanh x}. */
    TANH {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.tanh(x, xo, y, yo, n);
        }
    },
    /** {@code x Phi(x)}, Phi the normal distribution function. */
    GELU {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.gelu(x, xo, y, yo, n);
        }
    },
    /** {@code ln(1 / (1 + e^-x))}. */
    LOG_SIGMOID {
        @Override
        void vectors(float[] x, int xo, float[] y, int yo, int n) {
            VectorMath.logSigmoid(x, xo, y, yo, n);
        }
    };

    /**
     * {@code y[yo + i] = f(x[xo + i])} for i below n, in this thread; x and y may be the same array at the same place.
     */
    public final void run(float[] x, int xo, float[] y, int yo, int n) {
        int whole = Lanes.bound(n);
        vectors(x, xo, y, yo, whole);
        if (whole < n) {
            var rest = Scratch.take(Lanes.COUNT);
            System.arraycopy(x, xo + whole, rest, 0, n - whole);
            vectors(rest, 0, rest, 0, Lanes.COUNT);
            System.arraycopy(rest, 0, y, yo + whole, n - whole);
            Scratch.give(rest);
        }
    }

    /** The loop over whole vectors: n is a multiple of {@link Lanes#COUNT}. */
    abstract void vectors(float[] x, int xo, float[] y, int yo, int n);
}
