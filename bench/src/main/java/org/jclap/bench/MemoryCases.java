package org.jclap.bench;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Ops that do little with each number: on 16 million elements the memory decides. */
final class MemoryCases {
    private static final int ROWS = 16_384;
    private static final int WIDTH = 1024;
    private static final int SIZE = ROWS * WIDTH;

    private MemoryCases() {}

    static List<BenchCase> all() {
        return List.of(
                new BenchCase("memory/a + b 16M", passes(3), stage -> {
                    var a = stage.uniform(SIZE);
                    var b = stage.uniform(SIZE);
                    return () -> List.of(Ops.add(a, b));
                }),
                map("memory/relu 16M", Ops::relu),
                map("memory/gelu 16M", Ops::gelu),
                map("memory/softmax 16384x1024", Ops::softmax),
                new BenchCase("memory/layer norm 16384x1024", passes(2), MemoryCases::layerNorm),
                new BenchCase("memory/adam 16M", passes(7), MemoryCases::adam));
    }

    /** Tensors that are read or written; an element counts as one operation, which gives it a place on the roofline. */
    private static Work passes(double tensors) {
        return Work.floats(tensors * SIZE).plus(Work.flops(SIZE));
    }

    private static BenchCase map(String name, UnaryOperator<Tensor> op) {
        return new BenchCase(name, passes(2), stage -> {
            var x = stage.uniform(ROWS, WIDTH);
            return () -> List.of(op.apply(x));
        });
    }

    private static Workload layerNorm(Stage stage) {
        var inputs = List.of(stage.uniform(ROWS, WIDTH), stage.uniform(WIDTH), stage.uniform(WIDTH));
        return () ->
                List.of(Tensor.applyAll(new LayerNorm.Forward(1e-5), inputs).getFirst());
    }

    /** Reads parameter, gradient and two moments, writes all but the gradient. */
    private static Workload adam(Stage stage) {
        var step = Tensor.of(stage.backend(), Shape.of(3), 1e-3f, 100f, 1f);
        var shape = Shape.of(SIZE);
        var first = Tensor.zeros(stage.backend(), shape, DType.F32);
        var second = Tensor.zeros(stage.backend(), shape, DType.F32);
        var inputs = List.of(step, stage.uniform(SIZE), stage.uniform(SIZE), first, second);
        return () -> Tensor.applyAll(new Update.Adam(0.9, 0.999, 1e-8, 0, false), inputs);
    }
}
