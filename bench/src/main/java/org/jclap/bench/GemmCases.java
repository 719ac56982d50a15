package org.jclap.bench;

import java.util.List;
import org.jclap.tensor.Ops;

/** Matrix products: squares, and the layers of BERT-base at batch 4 x 100 tokens (row x weightᵀ) and for a single row. */
final class GemmCases {
    private GemmCases() {}

    static List<BenchCase> all() {
        return List.of(
                gemm(512, 512, 512, false),
                gemm(1024, 1024, 1024, false),
                gemm(400, 768, 768, true),
                gemm(400, 3072, 768, true),
                gemm(400, 768, 3072, true),
                gemm(1, 3072, 768, true));
    }

    /** C {@code (m, n)} = A {@code (m, k)} times B {@code (k, n)}, or its transpose {@code (n, k)} as weights lie. */
    static BenchCase gemm(int m, int n, int k, boolean transposed) {
        var name = "gemm/%dx%dx%d%s".formatted(m, n, k, transposed ? " transposed" : "");
        return new BenchCase(name, Work.matmul(m, n, k), stage -> {
            var a = stage.uniform(m, k);
            var b = transposed ? stage.uniform(n, k) : stage.uniform(k, n);
            return () -> List.of(Ops.matmul(a, b, false, transposed));
        });
    }
}
