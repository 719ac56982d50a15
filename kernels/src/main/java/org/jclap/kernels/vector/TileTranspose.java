package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * The transpose of a square tile of one vector's width, in registers: in log2 of its side stages, the rows whose numbers
 * differ in one bit exchange the lanes whose numbers differ in that bit. Each cache line of the source is read once, so
 * rows that lie a power of two apart, which share few lines of L1, do no harm.
 */
final class TileTranspose {
    private static final VectorShuffle<Float> FLIP_1 = flip(1);
    private static final VectorShuffle<Float> FLIP_2 = flip(2);
    private static final VectorShuffle<Float> FLIP_4 = flip(4);
    private static final VectorShuffle<Float> FLIP_8 = flip(8);
    private static final VectorMask<Float> ODD_1 = odd(1);
    private static final VectorMask<Float> ODD_2 = odd(2);
    private static final VectorMask<Float> ODD_4 = odd(4);
    private static final VectorMask<Float> ODD_8 = odd(8);

    private TileTranspose() {}

    /** Lane i takes lane {@code i ^ bit}. */
    private static VectorShuffle<Float> flip(int bit) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane ^ bit) % COUNT);
    }

    /** The lanes whose number has this bit. */
    private static VectorMask<Float> odd(int bit) {
        var lanes = new boolean[COUNT];
        for (int lane = 0; lane < COUNT; lane++) {
            lanes[lane] = (lane & bit) != 0;
        }
        return VectorMask.fromArray(SPECIES, lanes, 0);
    }

    /**
     * {@code y[i * ldy + j] = x[i + j * ldx]} for i and j below {@link Lanes#COUNT}.
     *
     * @param scratch room for the tile between two passes
     */
    static void run(float[] x, int xo, int ldx, float[] y, int yo, int ldy, float[] scratch) {
        switch (COUNT) {
            case 16 -> {
                for (int i = 0; i < 4; i++) {
                    quad(x, xo + i * ldx, 4 * ldx, scratch, i * COUNT, 4 * COUNT, FLIP_8, ODD_8, FLIP_4, ODD_4);
                }
                quads(scratch, 0, COUNT, y, yo, ldy);
            }
            case 8 -> {
                for (int i = 0; i < 4; i++) {
                    pair(x, xo + i * ldx, 4 * ldx, scratch, i * COUNT, 4 * COUNT);
                }
                quads(scratch, 0, COUNT, y, yo, ldy);
            }
            default -> quads(x, xo, ldx, y, yo, ldy);
        }
    }

    /** The last two stages, on four rows at a time. */
    private static void quads(float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        for (int i = 0; i < COUNT; i += 4) {
            quad(x, xo + i * ldx, ldx, y, yo + i * ldy, ldy, FLIP_2, ODD_2, FLIP_1, ODD_1);
        }
    }

    /** One stage on two rows. */
    private static void pair(float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
        var a = FloatVector.fromArray(SPECIES, x, xo);
        var b = FloatVector.fromArray(SPECIES, x, xo + ldx);
        a.blend(b.rearrange(FLIP_4), ODD_4).intoArray(y, yo);
        a.rearrange(FLIP_4).blend(b, ODD_4).intoArray(y, yo + ldy);
    }

    /** Two stages on four rows: the outer one exchanges rows two apart, the inner one neighbours. */
    private static void quad(
            float[] x,
            int xo,
            int ldx,
            float[] y,
            int yo,
            int ldy,
            VectorShuffle<Float> outer,
            VectorMask<Float> outerOdd,
            VectorShuffle<Float> inner,
            VectorMask<Float> innerOdd) {
        var a = FloatVector.fromArray(SPECIES, x, xo);
        var b = FloatVector.fromArray(SPECIES, x, xo + ldx);
        var c = FloatVector.fromArray(SPECIES, x, xo + 2 * ldx);
        var d = FloatVector.fromArray(SPECIES, x, xo + 3 * ldx);
        var a1 = a.blend(c.rearrange(outer), outerOdd);
        var c1 = a.rearrange(outer).blend(c, outerOdd);
        var b1 = b.blend(d.rearrange(outer), outerOdd);
        var d1 = b.rearrange(outer).blend(d, outerOdd);
        a1.blend(b1.rearrange(inner), innerOdd).intoArray(y, yo);
        a1.rearrange(inner).blend(b1, innerOdd).intoArray(y, yo + ldy);
        c1.blend(d1.rearrange(inner), innerOdd).intoArray(y, yo + 2 * ldy);
        c1.rearrange(inner).blend(d1, innerOdd).intoArray(y, yo + 3 * ldy);
    }
}
