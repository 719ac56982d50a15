package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.type.Shape;

/** Matrix products at sizes around and far from the tiles of fast kernels. */
final class MatrixCases {
    /** M, N, K of {@code (M, K) (K, N)}. */
    private static final int[][] SIZES = {
        {1, 1, 1},
        {13, 17, 19},
        {127, 33, 65},
        {5, 1021, 3},
        {1, 64, 300},
        {65, 1, 129},
        {200, 130, 600},
        {7, 9, 0},
        {0, 3, 2},
        {3, 0, 2}
    };

    private MatrixCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                MatMul op = new MatMul(transposeA, transposeB);
                for (int[] size : SIZES) {
                    matmul(op, Shape.of(), Shape.of(), size, cases);
                }
                matmul(op, Shape.of(3), Shape.of(3), new int[] {17, 11, 29}, cases);
                matmul(op, Shape.of(2, 3), Shape.of(2, 3), new int[] {5, 1, 7}, cases);
                matmul(op, Shape.of(3), Shape.of(), new int[] {5, 13, 7}, cases);
                matmul(op, Shape.of(0), Shape.of(0), new int[] {5, 13, 7}, cases);
            }
        }
        for (boolean gelu : new boolean[] {false, true}) {
            for (int[] size : SIZES) {
                linear(gelu, Shape.of(size[0], size[2]), size[1], cases);
            }
            linear(gelu, Shape.of(29), 13, cases);
            linear(gelu, Shape.of(2, 7, 33), 31, cases);
        }
        return cases;
    }

    private static void matmul(MatMul op, Shape batchA, Shape batchB, int[] size, List<OpCase> cases) {
        int m = size[0];
        int n = size[1];
        int k = size[2];
        Shape a =
                op.transposeA() ? batchA.append(k).append(m) : batchA.append(m).append(k);
        Shape b =
                op.transposeB() ? batchB.append(n).append(k) : batchB.append(k).append(n);
        String label = "%s%s %s%s".formatted(a, op.transposeA() ? "T" : "", b, op.transposeB() ? "T" : "");
        cases.add(OpCase.of(op, label, in -> List.of(in.uniform(-1, 1, a), in.uniform(-1, 1, b)))
                .differentiable(0, 1)
                .within(k, 4, 1));
    }

    private static void linear(boolean gelu, Shape x, int n, List<OpCase> cases) {
        String label = "%s to %d%s".formatted(x, n, gelu ? " GELU" : "");
        cases.add(OpCase.of(
                        new Linear(gelu),
                        label,
                        in -> List.of(in.uniform(-1, 1, x), in.uniform(n, x.last()), in.uniform(n)))
                .differentiable(0, 1, 2)
                .within(x.last() + 1, 4, 1));
    }
}
