package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.ArrayList;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * The discrete Fourier transform of {@link Lanes#COUNT} real signals at once, one in each lane; their length is a power of
 * two.
 *
 * <p>The even and odd samples become the real and imaginary parts of complex signals of half the length. These are
 * transformed in place by radix 4, decimating in frequency, and at last by radix 2 where the length needs it. Blocks that
 * fit into L1 are finished one after the other. The spectrum comes out in digit-reversed order, which costs nothing here:
 * where an element is a whole vector, a table of places is as good as a sorted array.
 *
 * <p>The object holds tables only and serves any number of threads.
 */
final class RealFft {
    /** Floats of a complex vector. */
    private static final int COMPLEX = 2 * COUNT;
    /** The largest block that is finished before the next one is begun, in complex vectors: 16 KiB. */
    private static final int BLOCK = (16 << 10) / (COMPLEX * Float.BYTES);

    /** The length of the complex signals. */
    private final int half;

    /**
     * For each pass of radix 4, which has blocks of some length, and for each of its butterflies j: exp(-2 pi i m j /
     * length) for m of 1, 2 and 3, real part and imaginary part.
     */
    private final List<float[]> passes;

    /** exp(-2 pi i k / size) for k in [0, half). */
    private final float[] turns;

    /** Where the passes leave element k of the complex spectrum. */
    private final int[] places;

    RealFft(int size) {
        half = size / 2;
        passes = new ArrayList<>();
        for (int length = half; length >= 4; length /= 4) {
            float[] pass = new float[6 * (length / 4)];
            for (int i = 0; i < pass.length / 2; i++) {
                turn((i % 3 + 1) * (i / 3), length, pass, 2 * i);
            }
            passes.add(pass);
        }
        turns = new float[2 * half];
        places = new int[half];
        for (int k = 0; k < half; k++) {
            turn(k, size, turns, 2 * k);
            places[k] = place(k, half) * COMPLEX;
        }
    }

    /** Writes exp(-2 pi i k / n). */
    private static void turn(int k, int n, float[] to, int at) {
        to[at] = (float) Math.cos(2 * Math.PI * k / n);
        to[at + 1] = (float) -Math.sin(2 * Math.PI * k / n);
    }

    /** Where a block of {@code length} ends up with element k: its lowest digit tells the part of the block. */
    private static int place(int k, int length) {
        int radix = Math.min(4, length);
        return length == 1 ? 0 : k % radix * (length / radix) + place(k / radix, length / radix);
    }

    /**
     * The squared magnitudes of bins 0 to size / 2.
     *
     * @param signals {@code (size, COUNT)}, overwritten
     * @param power {@code (size / 2 + 1, COUNT)}
     */
    void power(float[] signals, float[] power) {
        transform(signals, 0, half, 0);
        split(signals, power);
    }

    /** The block of {@code length} at {@code from}, whose first pass is number {@code pass}. */
    private void transform(float[] z, int from, int length, int pass) {
        if (length > BLOCK) {
            radix4(z, from, length, passes.get(pass));
            for (int quarter = 0; quarter < 4; quarter++) {
                transform(z, from + quarter * (length / 4) * COMPLEX, length / 4, pass + 1);
            }
            return;
        }
        int rest = length;
        for (int next = pass; rest >= 4; rest /= 4, next++) {
            for (int block = 0; block < length; block += rest) {
                radix4(z, from + block * COMPLEX, rest, passes.get(next));
            }
        }
        if (rest == 2) {
            radix2(z, from, length);
        }
    }

    /** The butterflies of one block. */
    private static void radix4(float[] z, int from, int length, float[] turns) {
        int quarter = length / 4 * COMPLEX;
        int turn = 0;
        for (int a = from; a < from + quarter; a += COMPLEX, turn += 6) {
            int b = a + quarter;
            int c = a + 2 * quarter;
            int d = a + 3 * quarter;
            var re0 = FloatVector.fromArray(SPECIES, z, a);
            var im0 = FloatVector.fromArray(SPECIES, z, a + COUNT);
            var re2 = FloatVector.fromArray(SPECIES, z, c);
            var im2 = FloatVector.fromArray(SPECIES, z, c + COUNT);
            var evenSumRe = re0.add(re2);
            var evenSumIm = im0.add(im2);
            var evenRe = re0.sub(re2);
            var evenIm = im0.sub(im2);
            var re1 = FloatVector.fromArray(SPECIES, z, b);
            var im1 = FloatVector.fromArray(SPECIES, z, b + COUNT);
            var re3 = FloatVector.fromArray(SPECIES, z, d);
            var im3 = FloatVector.fromArray(SPECIES, z, d + COUNT);
            var oddSumRe = re1.add(re3);
            var oddSumIm = im1.add(im3);
            // The odd difference, turned by i.
            var oddRe = im3.sub(im1);
            var oddIm = re1.sub(re3);
            evenSumRe.add(oddSumRe).intoArray(z, a);
            evenSumIm.add(oddSumIm).intoArray(z, a + COUNT);
            var cos1 = FloatVector.broadcast(SPECIES, turns[turn]);
            var sin1 = FloatVector.broadcast(SPECIES, turns[turn + 1]);
            var re = evenRe.sub(oddRe);
            var im = evenIm.sub(oddIm);
            re.mul(cos1).sub(im.mul(sin1)).intoArray(z, b);
            im.fma(cos1, re.mul(sin1)).intoArray(z, b + COUNT);
            var cos2 = FloatVector.broadcast(SPECIES, turns[turn + 2]);
            var sin2 = FloatVector.broadcast(SPECIES, turns[turn + 3]);
            re = evenSumRe.sub(oddSumRe);
            im = evenSumIm.sub(oddSumIm);
            re.mul(cos2).sub(im.mul(sin2)).intoArray(z, c);
            im.fma(cos2, re.mul(sin2)).intoArray(z, c + COUNT);
            var cos3 = FloatVector.broadcast(SPECIES, turns[turn + 4]);
            var sin3 = FloatVector.broadcast(SPECIES, turns[turn + 5]);
            re = evenRe.add(oddRe);
            im = evenIm.add(oddIm);
            re.mul(cos3).sub(im.mul(sin3)).intoArray(z, d);
            im.fma(cos3, re.mul(sin3)).intoArray(z, d + COUNT);
        }
    }

    /** The last pass when the length is twice a power of four: it needs no turns. */
    private static void radix2(float[] z, int from, int count) {
        for (int a = from; a < from + count * COMPLEX; a += 2 * COMPLEX) {
            var re0 = FloatVector.fromArray(SPECIES, z, a);
            var im0 = FloatVector.fromArray(SPECIES, z, a + COUNT);
            var re1 = FloatVector.fromArray(SPECIES, z, a + COMPLEX);
            var im1 = FloatVector.fromArray(SPECIES, z, a + COMPLEX + COUNT);
            re0.add(re1).intoArray(z, a);
            im0.add(im1).intoArray(z, a + COUNT);
            re0.sub(re1).intoArray(z, a + COMPLEX);
            im0.sub(im1).intoArray(z, a + COMPLEX + COUNT);
        }
    }

    /**
     * Separates the spectra of the even and odd samples and joins them to that of the real signal, as power. A bin and its
     * mirror image need the same sums.
     */
    private void split(float[] z, float[] power) {
        var re0 = FloatVector.fromArray(SPECIES, z, 0);
        var im0 = FloatVector.fromArray(SPECIES, z, COUNT);
        var ends = re0.add(im0);
        ends.mul(ends).intoArray(power, 0);
        ends = re0.sub(im0);
        ends.mul(ends).intoArray(power, half * COUNT);
        for (int k = 1; k <= half / 2; k++) {
            int at = places[k];
            int mirror = places[half - k];
            var re = FloatVector.fromArray(SPECIES, z, at);
            var im = FloatVector.fromArray(SPECIES, z, at + COUNT);
            var mirrorRe = FloatVector.fromArray(SPECIES, z, mirror);
            var mirrorIm = FloatVector.fromArray(SPECIES, z, mirror + COUNT);
            var oddRe = im.add(mirrorIm).mul(0.5f);
            var oddIm = mirrorRe.sub(re).mul(0.5f);
            var cos = FloatVector.broadcast(SPECIES, turns[2 * k]);
            var sin = FloatVector.broadcast(SPECIES, turns[2 * k + 1]);
            var turnedRe = oddRe.mul(cos).sub(oddIm.mul(sin));
            var turnedIm = oddIm.fma(cos, oddRe.mul(sin));
            var evenRe = re.add(mirrorRe).mul(0.5f);
            var evenIm = im.sub(mirrorIm).mul(0.5f);
            var sumRe = evenRe.add(turnedRe);
            var sumIm = evenIm.add(turnedIm);
            sumRe.fma(sumRe, sumIm.mul(sumIm)).intoArray(power, k * COUNT);
            sumRe = evenRe.sub(turnedRe);
            sumIm = evenIm.sub(turnedIm);
            sumRe.fma(sumRe, sumIm.mul(sumIm)).intoArray(power, (half - k) * COUNT);
        }
    }
}
