package org.jclap.kernels.vector;

import jdk.incubator.vector.VectorOperators;
import org.jclap.tensor.op.Binary;

/** Derivatives of activations that need no transcendental function, times the incoming gradient. */
final class Slopes {
    private Slopes() {}

    /**
     * {@code b[i] = f'(a[i]) b[i]} for the first {@code n} elements, a multiple of {@link Lanes#COUNT}. An element that ReLU
     * stopped is 0 whatever its gradient, an infinite one included.
     */
    static void apply(Binary op, float[] a, float[] b, int n) {
        switch (op) {
            case RELU_BACKWARD -> relu(a, b, n);
            case SIGMOID_BACKWARD -> sigmoid(a, b, n);
            case TANH_BACKWARD -> tanh(a, b, n);
            case ABS_BACKWARD -> abs(a, b, n);
            case ADD, SUB, MUL, DIV, GELU_BACKWARD -> throw new IllegalArgumentException(op + " is not a slope");
        }
    }

    private static void relu(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            var passed = Lanes.load(a, i).compare(VectorOperators.GT, 0f);
            Lanes.zero().blend(Lanes.load(b, i), passed).intoArray(b, i);
        }
    }

    private static void sigmoid(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            var s = Lanes.load(a, i);
            Lanes.load(b, i).mul(s).mul(Lanes.broadcast(1f).sub(s)).intoArray(b, i);
        }
    }

    private static void tanh(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            var t = Lanes.load(a, i);
            Lanes.load(b, i).mul(Lanes.broadcast(1f).sub(t.mul(t))).intoArray(b, i);
        }
    }

    private static void abs(float[] a, float[] b, int n) {
        for (int i = 0; i < n; i += Lanes.COUNT) {
            var x = Lanes.load(a, i);
            // A NaN has no sign: it is neither positive nor negative, and stays.
            var sign = x.blend(1f, x.compare(VectorOperators.GT, 0f)).blend(-1f, x.lt(0f));
            Lanes.load(b, i).mul(sign).blend(0f, x.eq(0f)).intoArray(b, i);
        }
    }
}
