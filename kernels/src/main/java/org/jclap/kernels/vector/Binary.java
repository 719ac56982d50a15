package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Maps of two arrays: {@code y[i] = f(a[i], b[i])}, a loop each, as in {@link Unary}. */
public enum Binary {
    /** {@code a + b}. */
    ADD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .add(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a - b}. */
    SUB {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .sub(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a b}. */
    MUL {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .mul(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a / b}. */
    DIV {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .div(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code max(a, b)}, and NaN if either is. */
    MAX {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .max(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code min(a, b)}, and NaN if either is. */
    MIN {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .min(FloatVector.fromArray(SPECIES, b, bo + i))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a} where {@code b > 0}, and 0 elsewhere: a is the gradient, b the input or the result of the forward map. */
    RELU_BACKWARD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                // What ReLU stopped is 0 whatever its gradient, an infinite one included.
                var passed = FloatVector.fromArray(SPECIES, b, bo + i).compare(VectorOperators.GT, 0f);
                FloatVector.zero(SPECIES)
                        .blend(FloatVector.fromArray(SPECIES, a, ao + i), passed)
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a b (1 - b)}: a is the gradient, b the sigmoid. */
    SIGMOID_BACKWARD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                var s = FloatVector.fromArray(SPECIES, b, bo + i);
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .mul(s)
                        .mul(FloatVector.broadcast(SPECIES, 1f).sub(s))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a (1 - b^2)}: a is the gradient, b the hyperbolic tangent. */
    TANH_BACKWARD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                var t = FloatVector.fromArray(SPECIES, b, bo + i);
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .mul(t.neg().fma(t, FloatVector.broadcast(SPECIES, 1f)))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a sign(b)}: a is the gradient, b the input of the absolute value. */
    ABS_BACKWARD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            for (var i = 0; i < n; i += Lanes.COUNT) {
                var v = FloatVector.fromArray(SPECIES, b, bo + i);
                // A NaN has no sign: it is neither positive nor negative, and stays.
                var sign = v.blend(1f, v.compare(VectorOperators.GT, 0f)).blend(-1f, v.lt(0f));
                FloatVector.fromArray(SPECIES, a, ao + i)
                        .mul(sign)
                        .blend(0f, v.eq(0f))
                        .intoArray(y, yo + i);
            }
        }
    },
    /** {@code a gelu'(b)}: a is the gradient, b the input of the forward map. */
    GELU_BACKWARD {
        @Override
        void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
            VectorMath.geluBackward(b, bo, a, ao, y, yo, n);
        }
    };

    /**
     * {@code y[yo + i] = f(a[ao + i], b[bo + i])} for i below n, in this thread; y may be an operand at the same place.
     */
    public final void run(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int whole = Lanes.bound(n);
        vectors(a, ao, b, bo, y, yo, whole);
        if (whole < n) {
            var restA = Scratch.take(Lanes.COUNT);
            var restB = Scratch.take(Lanes.COUNT);
            System.arraycopy(a, ao + whole, restA, 0, n - whole);
            System.arraycopy(b, bo + whole, restB, 0, n - whole);
            vectors(restA, 0, restB, 0, restA, 0, Lanes.COUNT);
            System.arraycopy(restA, 0, y, yo + whole, n - whole);
            Scratch.give(restB);
            Scratch.give(restA);
        }
    }

    /** The loop over whole vectors: n is a multiple of {@link Lanes#COUNT}. */
    abstract void vectors(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);
}
