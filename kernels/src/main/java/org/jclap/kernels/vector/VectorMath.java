package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Elementary functions on whole vectors of an array, from polynomials of our own, so that results are the same on every
 * machine and JDK.
 *
 * <p>Each polynomial is a minimax fit (iteratively reweighted least squares on Chebyshev nodes) of the relative error
 * over the reduced range. Functions are accurate to about 2 ulp over the whole float range, but for {@link #gelu} and
 * {@link #expSum}, which say what they are; infinities, NaN, signed zeros and denormals behave as in {@link Math}, except
 * that results below the smallest normal float may lose bits.
 *
 * <p>Each function is one loop with everything inside, and what needs an exponential goes over a block in L1 several
 * times. C2 keeps vectors in registers only where it inlines every call; it stops at 325 bytecodes or 18,000 nodes, and
 * it does not inline what was compiled by itself before, which costs a factor of fifty in boxes. Only the methods of
 * the Vector API are exempt, so loops call them directly and no vector crosses a method of ours.
 *
 * <p>Everywhere n is a multiple of {@link Lanes#COUNT} and x and y may be the same array at the same place.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // coefficients are written with all the digits of their derivation
final class VectorMath {
    private static final int BLOCK = 1024;

    /**
     * Added and subtracted, 1.5 * 2^23 rounds a float to the nearest integer, which then sits in the low mantissa bits.
     */
    private static final float ROUND = 12582912f;

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float SQRT_HALF = 0.70710678f;
    /** e to this power is a normal float, and so is 2 to the next integer below. */
    private static final float LEAST_EXPONENT = -86.9f;

    private static final float INV_SQRT_TWO_PI = 0.39894228f;
    /** From here on {@code x phi(x)} is less than the smallest normal float. */
    private static final float TAIL_END = 13.19f;

    /** Beyond it the normal distribution function is 0 or 1 to within half an ulp of 1. */
    private static final float CDF_END = 5.4f;

    private static final int ONE_BITS = 0x3f800000;

    private VectorMath() {}

    /** {@code y = e^x = 2^n (1 + r + r^2 Q(r))} with {@code |r| <= ln(2)/2}. */
    static void exp(float[] x, int xo, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var x0 = FloatVector.fromArray(SPECIES, x, xo + i);
            // Beyond these bounds the result is 0 or infinity; NaN compares false and passes through.
            var v = x0.blend(-105f, x0.lt(-105f)).blend(90f, x0.compare(VectorOperators.GT, 90f));
            var shifted = v.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
            var whole = shifted.sub(ROUND);
            var r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), v);
            r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
            var q = FloatVector.broadcast(SPECIES, 0.0013813142f);
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.0083694197f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.0416684560f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.1666651517f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.4999999404f));
            var p = q.mul(r).fma(r, r).add(1f);
            // 2^n in two factors: n reaches from -151 (denormal results) to 130.
            var exponent = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
            var half = exponent.lanewise(VectorOperators.ASHR, 1);
            var rest = exponent.sub(half);
            p = p.mul(half.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats())
                    .mul(rest.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats());
            p.intoArray(y, yo + i);
        }
    }

    /**
     * {@code y = e^(x - max)} for any n, and its sum; max is not exceeded by any x. What is not a normal float becomes
     * 0.
     */
    static float expSum(float[] x, int xo, float max, float[] y, int yo, int n) {
        var sumAndMax = Scratch.take(2);
        expSum(x, xo, max, y, yo, n, xo, yo, 1f, y, yo, sumAndMax);
        float sum = sumAndMax[0];
        Scratch.give(sumAndMax);
        return sum;
    }

    /**
     * {@link #expSum(float[], int, float, float[], int, int)}, the maximum of the n elements of x at {@code next}, and {@code z
     * = y scale} for those of y at {@code before}: what comes from memory, what goes there, and arithmetic that waits for
     * neither. A NaN at {@code next} may be passed over; z may be y at {@code before} itself.
     *
     * @param sumAndMax receives the sum and the maximum
     */
    static void expSum(
            float[] x,
            int xo,
            float max,
            float[] y,
            int yo,
            int n,
            int next,
            int before,
            float scale,
            float[] z,
            int zo,
            float[] sumAndMax) {
        int vectors = Lanes.bound(n);
        expSumOfVectors(x, xo, max, y, yo, vectors, next, before, scale, z, zo, sumAndMax);
        if (vectors < n) {
            float sum = sumAndMax[0];
            float nextMax = sumAndMax[1];
            int size = n - vectors;
            int second = Lanes.COUNT;
            int third = 2 * Lanes.COUNT;
            var rest = Scratch.take(3 * Lanes.COUNT);
            Arrays.fill(rest, 0, 3 * Lanes.COUNT, Float.NEGATIVE_INFINITY);
            System.arraycopy(x, xo + vectors, rest, 0, size);
            System.arraycopy(x, next + vectors, rest, second, size);
            System.arraycopy(y, before + vectors, rest, third, size);
            expSumOfVectors(rest, 0, max, rest, 0, Lanes.COUNT, second, third, scale, rest, third, sumAndMax);
            System.arraycopy(rest, third, z, zo + vectors, size);
            System.arraycopy(rest, 0, y, yo + vectors, size);
            Scratch.give(rest);
            sumAndMax[0] += sum;
            sumAndMax[1] = Math.max(sumAndMax[1], nextMax);
        }
    }

    /**
     * {@code e^v = 2^n 2^f} with {@code |f| <= 1/2} for arguments that are never positive: n is added to the exponent. The
     * relative error grows with -v, to 1e-6 where e^v underflows, so that relative to the sum, which has a term of 1, it
     * is below an ulp.
     */
    private static void expSumOfVectors(
            float[] x,
            int xo,
            float max,
            float[] y,
            int yo,
            int n,
            int next,
            int before,
            float scale,
            float[] z,
            int zo,
            float[] sumAndMax) {
        var sum = FloatVector.zero(SPECIES);
        var nextMax = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var u = FloatVector.fromArray(SPECIES, x, next + i);
            nextMax = nextMax.blend(u, u.compare(VectorOperators.GT, nextMax));
            FloatVector.fromArray(SPECIES, y, before + i).mul(scale).intoArray(z, zo + i);
            var v = FloatVector.fromArray(SPECIES, x, xo + i).sub(max);
            var shifted = v.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
            var f = v.fma(
                    FloatVector.broadcast(SPECIES, LOG2_E),
                    FloatVector.broadcast(SPECIES, ROUND).sub(shifted));
            var p = FloatVector.broadcast(SPECIES, 0.00132647273f);
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.00967151299f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.0555073358f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.240222424f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.693147004f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 1f));
            var e = p.reinterpretAsInts()
                    .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats()
                    .blend(0f, v.lt(LEAST_EXPONENT));
            sum = sum.add(e);
            e.intoArray(y, yo + i);
        }
        sumAndMax[0] = Lanes.sum(sum);
        sumAndMax[1] = nextMax.reduceLanes(VectorOperators.MAX);
    }

    /** {@code y = ln x = n ln 2 + log1p(f)} with {@code 1 + f} in [sqrt(1/2), sqrt(2)]. */
    static void log(float[] x, int xo, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var v = FloatVector.fromArray(SPECIES, x, xo + i);
            var denormal = v.lt(Float.MIN_NORMAL);
            var scaled = v.blend(v.mul(0x1p23f), denormal);
            var bits = scaled.reinterpretAsInts().sub(Float.floatToRawIntBits(SQRT_HALF));
            var exponent = bits.lanewise(VectorOperators.ASHR, 23);
            var mantissa = scaled.reinterpretAsInts()
                    .sub(exponent.lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            var whole = (FloatVector) exponent.convertShape(VectorOperators.I2F, SPECIES, 0);
            whole = whole.blend(whole.sub(23f), denormal);
            var f = mantissa.sub(1f);
            var p = FloatVector.broadcast(SPECIES, 0.0673547462f);
            p = p.fma(f, FloatVector.broadcast(SPECIES, -0.1168032512f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.1189543679f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -0.1240544170f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.1421862990f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -0.1666796654f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.2000215799f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, -0.2500001192f));
            p = p.fma(f, FloatVector.broadcast(SPECIES, 0.3333331347f));
            var square = f.mul(f);
            var small =
                    whole.fma(FloatVector.broadcast(SPECIES, LN2_LOW), p.mul(f).mul(square));
            small = square.fma(FloatVector.broadcast(SPECIES, -0.5f), small);
            var result = whole.fma(FloatVector.broadcast(SPECIES, LN2_HIGH), f.add(small));
            result = result.blend(v, v.compare(VectorOperators.GE, Float.POSITIVE_INFINITY));
            result = result.blend(Float.NEGATIVE_INFINITY, v.eq(0f));
            result = result.blend(Float.NaN, v.compare(VectorOperators.LT, 0f).or(v.compare(VectorOperators.NE, v)));
            result.intoArray(y, yo + i);
        }
    }

    /** {@code y = tanh x}: an odd polynomial near zero, {@code 1 - 2 / (e^2|x| + 1)} elsewhere. */
    static void tanh(float[] x, int xo, float[] y, int yo, int n) {
        blockwise(n, (from, size, e) -> {
            scaleAbs(x, xo + from, 2f, e, size);
            exp(e, 0, e, 0, size);
            tanhOfExp(x, xo + from, e, y, yo + from, size);
        });
    }

    private static void tanhOfExp(float[] x, int xo, float[] e, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var v = FloatVector.fromArray(SPECIES, x, xo + i);
            var s = v.mul(v);
            var p = FloatVector.broadcast(SPECIES, -0.0057170326f);
            p = p.fma(s, FloatVector.broadcast(SPECIES, 0.0206505749f));
            p = p.fma(s, FloatVector.broadcast(SPECIES, -0.0537434928f));
            p = p.fma(s, FloatVector.broadcast(SPECIES, 0.1333149076f));
            p = p.fma(s, FloatVector.broadcast(SPECIES, -0.3333328366f));
            var near = p.mul(s).fma(v, v);
            var far = FloatVector.broadcast(SPECIES, 1f)
                    .sub(FloatVector.broadcast(SPECIES, 2f)
                            .div(FloatVector.fromArray(SPECIES, e, i).add(1f)));
            far = far.blend(far.neg(), v.lt(0f));
            far.blend(near, v.abs().lt(0.625f)).intoArray(y, yo + i);
        }
    }

    /** {@code y = 1 / (1 + e^-x)}, from {@code e^-|x|} so that small results keep their relative accuracy. */
    static void sigmoid(float[] x, int xo, float[] y, int yo, int n) {
        blockwise(n, (from, size, e) -> {
            scaleAbs(x, xo + from, -1f, e, size);
            exp(e, 0, e, 0, size);
            sigmoidOfExp(x, xo + from, e, y, yo + from, size);
        });
    }

    private static void sigmoidOfExp(float[] x, int xo, float[] e, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var v = FloatVector.fromArray(SPECIES, e, i);
            var numerator = FloatVector.broadcast(SPECIES, 1f)
                    .blend(v, FloatVector.fromArray(SPECIES, x, xo + i).lt(0f));
            numerator.div(v.add(1f)).intoArray(y, yo + i);
        }
    }

    /** {@code y = ln(1 / (1 + e^-x)) = min(x, 0) - ln(1 + e^-|x|)}. */
    static void logSigmoid(float[] x, int xo, float[] y, int yo, int n) {
        var log = Scratch.take(BLOCK);
        blockwise(n, (from, size, e) -> {
            scaleAbs(x, xo + from, -1f, e, size);
            exp(e, 0, e, 0, size);
            addOne(e, log, size);
            log(log, 0, log, 0, size);
            logSigmoidOfExp(x, xo + from, e, log, y, yo + from, size);
        });
        Scratch.give(log);
    }

    private static void addOne(float[] x, float[] y, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, i).add(1f).intoArray(y, i);
        }
    }

    private static void logSigmoidOfExp(float[] x, int xo, float[] e, float[] log, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            // The rounding error of 1 + e is put back to first order, so that tiny e keep their accuracy.
            var v = FloatVector.fromArray(SPECIES, e, i);
            var u = v.add(1f);
            var log1p =
                    FloatVector.fromArray(SPECIES, log, i).add(v.sub(u.sub(1f)).div(u));
            FloatVector.fromArray(SPECIES, x, xo + i).min(0f).sub(log1p).intoArray(y, yo + i);
        }
    }

    /**
     * {@code y = x Phi(x) = max(x, 0) - |x| Phi(-|x|)}, Phi the normal distribution function: its lower tail is the square of
     * a rational function, which takes fewer terms than itself.
     *
     * <p>Phi is accurate to 2.5e-7 absolutely, about as where it is computed from erf; an exponential and a Mills ratio would
     * keep the relative accuracy of a lower tail that vanishes in any sum, at twice the time.
     */
    static void gelu(float[] x, int xo, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var v = FloatVector.fromArray(SPECIES, x, xo + i);
            var a = v.abs();
            var p = FloatVector.broadcast(SPECIES, -4.8467537525e-3f);
            p = p.fma(a, FloatVector.broadcast(SPECIES, 7.4896057303e-2f));
            p = p.fma(a, FloatVector.broadcast(SPECIES, -0.39415405915f));
            p = p.fma(a, FloatVector.broadcast(SPECIES, 0.70710684447f));
            var q = FloatVector.broadcast(SPECIES, 6.4674201379e-4f);
            q = q.fma(a, FloatVector.broadcast(SPECIES, 2.6470107722e-3f));
            q = q.fma(a, FloatVector.broadcast(SPECIES, -5.5625934399e-3f));
            q = q.fma(a, FloatVector.broadcast(SPECIES, 0.1223000636f));
            q = q.fma(a, FloatVector.broadcast(SPECIES, -0.1584764254f));
            q = q.fma(a, FloatVector.broadcast(SPECIES, 1f));
            var root = p.div(q);
            var lower = root.mul(root).mul(a).blend(0f, a.compare(VectorOperators.GT, CDF_END));
            v.blend(0f, v.lt(0f)).sub(lower).intoArray(y, yo + i);
        }
    }

    /**
     * {@code y = g (Phi(x) + x phi(x))}, the gradient through {@link #gelu}; phi is the normal density.
     *
     * <p>The lower tail of Phi is {@code e^(-x^2/2) P(t)} with {@code t = 1 / (1 + |x| / sqrt(8))}, accurate in relative
     * terms down to underflow; the exponential is that of {@link #exp} for arguments that are never positive.
     */
    static void geluBackward(float[] x, int xo, float[] g, int go, float[] y, int yo, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            var v = FloatVector.fromArray(SPECIES, x, xo + i);
            var a = v.abs();
            var far = a.compare(VectorOperators.GT, TAIL_END);
            a = a.blend(TAIL_END, far);
            // -x^2/2 and what its rounding lost.
            var half = a.mul(0.5f);
            var square = a.mul(-0.5f).mul(a);
            var lost = half.fma(a, square);
            var shifted = square.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
            var whole = shifted.sub(ROUND);
            var r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), square);
            r = whole.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r).sub(lost);
            var q = FloatVector.broadcast(SPECIES, 0.0013813142f);
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.0083694197f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.0416684560f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.1666651517f));
            q = q.fma(r, FloatVector.broadcast(SPECIES, 0.4999999404f));
            q = q.mul(r).fma(r, r).add(1f);
            // The exponent n is added to that of q: neither leaves the range of normal floats.
            var e = q.reinterpretAsInts()
                    .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                    .reinterpretAsFloats();
            var t = FloatVector.broadcast(SPECIES, 1f)
                    .div(a.fma(FloatVector.broadcast(SPECIES, 0.35355339f), FloatVector.broadcast(SPECIES, 1f)));
            var p = FloatVector.broadcast(SPECIES, -0.02824921905f);
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.1357065290f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, -0.22912591695f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.12114655225f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.00032607035f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.09471357615f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.1235990003f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.14080172775f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, 0.1410834193f));
            p = p.fma(t, FloatVector.broadcast(SPECIES, -1.762e-6f));
            var lower = p.mul(e);
            var cdf = lower.blend(FloatVector.broadcast(SPECIES, 1f).sub(lower), v.compare(VectorOperators.GE, 0f));
            v.blend(0f, far)
                    .mul(INV_SQRT_TWO_PI)
                    .fma(e, cdf)
                    .mul(FloatVector.fromArray(SPECIES, g, go + i))
                    .intoArray(y, yo + i);
        }
    }

    private static void scaleAbs(float[] x, int xo, float scale, float[] y, int n) {
        for (var i = 0; i < n; i += Lanes.COUNT) {
            FloatVector.fromArray(SPECIES, x, xo + i).abs().mul(scale).intoArray(y, i);
        }
    }

    private interface BlockBody {
        /** Handles {@code size} elements from {@code from}; {@code scratch} is free to use. */
        void accept(int from, int size, float[] scratch);
    }

    private static void blockwise(int n, BlockBody body) {
        var scratch = Scratch.take(BLOCK);
        for (var from = 0; from < n; from += BLOCK) {
            body.accept(from, Math.min(BLOCK, n - from), scratch);
        }
        Scratch.give(scratch);
    }
}
