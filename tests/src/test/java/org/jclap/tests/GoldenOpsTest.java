package org.jclap.tests;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.type.DType;
import org.jclap.tests.kit.EveryBackend;
import org.jclap.tests.kit.Golden;
import org.jclap.tests.kit.Tolerance;

/** Single ops, forward and backward, against PyTorch in F32. */
final class GoldenOpsTest {
    /** Both sides round: sums of at most some hundred terms in F32, each good to a few 1e-6 of the largest magnitude. */
    private static final Tolerance TOLERANCE = Tolerance.relative(1e-5);

    private final Safetensors golden = Golden.open("ops");

    @EveryBackend
    void convolution(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = channelsLast(load(backend, "conv.x"));
            Tensor w = load(backend, "conv.w");
            Tensor dy = channelsLast(load(backend, "conv.dy"));
            check("conv.y", channelsFirst(Ops.conv2d(x, w, 1, 1)));
            Op input = new Convolution.BackwardInput(
                    1, 1, x.shape().dim(1), x.shape().dim(2));
            check("conv.dx", channelsFirst(Tensor.apply(input, w, dy)));
            check("conv.dw", Tensor.apply(new Convolution.BackwardWeight(1, 1, 3, 3), x, dy));
        }
    }

    @EveryBackend
    void averagePool(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = channelsLast(load(backend, "avgpool.x"));
            check("avgpool.y", channelsFirst(Ops.avgPool2d(x, 2, 2)));
            Op backward = new Pool.Backward(2, 2, x.shape().dim(1), x.shape().dim(2));
            check("avgpool.dx", channelsFirst(Tensor.apply(backward, channelsLast(load(backend, "avgpool.dy")))));
        }
    }

    @EveryBackend
    void batchNorm(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = channelsLast(load(backend, "bn.x"));
            Tensor w = load(backend, "bn.w");
            Tensor mean = Tensor.zeros(backend, w.shape(), DType.F32);
            Tensor variance = Ops.fill(Tensor.zeros(backend, w.shape(), DType.F32), 1);
            List<Tensor> y = Tensor.applyAll(
                    new BatchNorm.Training(1e-5, 0.1, false), List.of(x, w, load(backend, "bn.b"), mean, variance));
            check("bn.y", channelsFirst(y.get(0)));
            check("bn.running_mean", mean);
            check("bn.running_var", variance);
            List<Tensor> gradients = Tensor.applyAll(
                    new BatchNorm.Backward(false),
                    List.of(x, w, y.get(1), y.get(2), y.get(0), channelsLast(load(backend, "bn.dy"))));
            check("bn.dx", channelsFirst(gradients.get(0)));
            check("bn.dw", gradients.get(1));
            check("bn.db", gradients.get(2));
        }
    }

    @EveryBackend
    void layerNorm(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = load(backend, "ln.x");
            Tensor w = load(backend, "ln.w");
            List<Tensor> y = Tensor.applyAll(new LayerNorm.Forward(1e-5), List.of(x, w, load(backend, "ln.b")));
            check("ln.y", y.get(0));
            List<Tensor> gradients = Tensor.applyAll(
                    new LayerNorm.Backward(), List.of(x, w, y.get(1), y.get(2), load(backend, "ln.dy")));
            check("ln.dx", gradients.get(0));
            check("ln.dw", gradients.get(1));
            check("ln.db", gradients.get(2));
        }
    }

    @EveryBackend
    void activations(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor x = load(backend, "gelu.x");
            check("gelu.y", Ops.gelu(x));
            check("gelu.dx", Tensor.apply(Binary.GELU_BACKWARD, x, load(backend, "gelu.dy")));
            check("relu", Unary.RELU, Binary.RELU_BACKWARD, backend);
            check("sigmoid", Unary.SIGMOID, Binary.SIGMOID_BACKWARD, backend);
            check("softmax", new Softmax.Forward(false), new Softmax.Backward(false), backend);
            check("logsoftmax", new Softmax.Forward(true), new Softmax.Backward(true), backend);
        }
    }

    /** An op whose backward takes its output. */
    private void check(String name, Op forward, Op backward, Backend backend) {
        Tensor y = Tensor.apply(forward, load(backend, name + ".x"));
        check(name + ".y", y);
        check(name + ".dx", Tensor.apply(backward, y, load(backend, name + ".dy")));
    }

    @EveryBackend
    void matrixProduct(Backend backend) {
        try (Scope _ = Scope.open()) {
            Tensor a = load(backend, "matmul.a");
            Tensor b = load(backend, "matmul.b");
            Tensor dy = load(backend, "matmul.dy");
            check("matmul.y", Ops.matmul(a, b));
            check("matmul.da", Ops.matmul(dy, b, false, true));
            check("matmul.db", Ops.matmul(a, dy, true, false));
        }
    }

    private Tensor load(Backend backend, String name) {
        return golden.load(backend, name);
    }

    private void check(String name, Tensor actual) {
        TOLERANCE.check(name + " on " + actual.backend().name(), Golden.doubles(golden, name), actual.toDoubles());
    }

    private static Tensor channelsLast(Tensor x) {
        return Ops.permute(x, 0, 2, 3, 1);
    }

    private static Tensor channelsFirst(Tensor x) {
        return Ops.permute(x, 0, 3, 1, 2);
    }
}
