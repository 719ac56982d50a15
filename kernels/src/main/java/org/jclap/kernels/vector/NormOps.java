package org.jclap.kernels.vector;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/** Softmax, normalisations and pooling. */
final class NormOps {
    private final Workers workers;
    private final Softmax softmax;
    private final LayerNorm layerNorm;
    private final BatchNorm batchNorm;
    private final PooledBatchNorm pooledBatchNorm;
    private final AvgPool avgPool;

    NormOps(Workers workers) {
        this.workers = workers;
        softmax = new Softmax(workers);
        layerNorm = new LayerNorm(workers);
        batchNorm = new BatchNorm(workers);
        pooledBatchNorm = new PooledBatchNorm(workers, batchNorm);
        avgPool = new AvgPool(workers);
    }

    void softmax(org.jclap.tensor.op.Softmax.Forward op, Tensor x, Tensor y) {
        int columns = x.shape().last();
        int rows = rows(x.shape());
        float[] in = x.host().floats();
        float[] out = y.host().floats();
        if (op.log()) {
            softmax.logForward(in, x.offset(), out, y.offset(), rows, columns);
        } else {
            softmax.forward(in, x.offset(), out, y.offset(), rows, columns);
        }
    }

    void softmaxBackward(org.jclap.tensor.op.Softmax.Backward op, Tensor y, Tensor dy, Tensor dx) {
        int columns = y.shape().last();
        int rows = rows(y.shape());
        float[] result = y.host().floats();
        float[] gradient = dy.host().floats();
        float[] out = dx.host().floats();
        if (op.log()) {
            softmax.logBackward(result, y.offset(), gradient, dy.offset(), out, dx.offset(), rows, columns);
        } else {
            softmax.backward(result, y.offset(), gradient, dy.offset(), out, dx.offset(), rows, columns);
        }
    }

    void layerNorm(org.jclap.tensor.op.LayerNorm.Forward op, List<Tensor> in, List<Tensor> out) {
        normalise(in.get(0), in.get(1), in.get(2), op.eps(), out.get(0), out.get(1), out.get(2));
    }

    void residual(org.jclap.tensor.op.LayerNorm.Residual op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor r = in.get(1);
        Tensor s = out.get(1);
        float[] sum = s.host().floats();
        DropoutMask mask = DropoutMask.ofLast(op.rate(), op.stream(), in);
        workers.parallelRanges(s.size(), Rows.task(s.size()), (from, to) -> {
            int at = s.offset() + from;
            mask.apply(from, r.host().floats(), r.offset() + from, sum, at, to - from);
            Binary.ADD.run(sum, at, x.host().floats(), x.offset() + from, sum, at, to - from);
        });
        normalise(s, in.get(2), in.get(3), op.eps(), out.get(0), out.get(2), out.get(3));
    }

    private void normalise(Tensor x, Tensor w, Tensor b, double eps, Tensor y, Tensor mean, Tensor rstd) {
        float[] means = array(mean);
        float[] rstds = array(rstd);
        layerNorm.forward(
                x.host().floats(),
                x.offset(),
                w.host().floats(),
                w.offset(),
                b.host().floats(),
                b.offset(),
                (float) eps,
                y.host().floats(),
                y.offset(),
                means,
                rstds,
                mean.size(),
                x.shape().last());
        store(means, mean);
        store(rstds, rstd);
    }

    void layerNormBackward(List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor w = in.get(1);
        Tensor dy = in.get(4);
        Tensor dx = out.get(0);
        Tensor dw = out.get(1);
        Tensor db = out.get(2);
        layerNorm.backward(
                x.host().floats(),
                x.offset(),
                w.host().floats(),
                w.offset(),
                array(in.get(2)),
                array(in.get(3)),
                dy.host().floats(),
                dy.offset(),
                dx.host().floats(),
                dx.offset(),
                dw.host().floats(),
                dw.offset(),
                db.host().floats(),
                db.offset(),
                in.get(2).size(),
                x.shape().last());
    }

    void training(org.jclap.tensor.op.BatchNorm.Training op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor y = out.get(0);
        writing(
                List.of(in.get(3), in.get(4), out.get(1), out.get(2)),
                statistics -> batchNorm.forwardTraining(
                        x.host().floats(),
                        x.offset(),
                        array(in.get(1)),
                        array(in.get(2)),
                        statistics.get(0),
                        statistics.get(1),
                        (float) op.momentum(),
                        (float) op.eps(),
                        op.relu(),
                        y.host().floats(),
                        y.offset(),
                        statistics.get(2),
                        statistics.get(3),
                        rows(x.shape()),
                        x.shape().last()));
    }

    void pooledTraining(org.jclap.tensor.op.BatchNorm.PooledTraining op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor y = out.get(0);
        writing(
                List.of(in.get(3), in.get(4), out.get(1), out.get(2)),
                statistics -> pooledBatchNorm.forward(
                        x.host().floats(),
                        x.offset(),
                        array(in.get(1)),
                        array(in.get(2)),
                        statistics.get(0),
                        statistics.get(1),
                        (float) op.momentum(),
                        (float) op.eps(),
                        y.host().floats(),
                        y.offset(),
                        statistics.get(2),
                        statistics.get(3),
                        size(x.shape(), op.windowHeight(), op.windowWidth())));
    }

    void pooledBackward(org.jclap.tensor.op.BatchNorm.PooledBackward op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor dy = in.get(5);
        Tensor dx = out.get(0);
        writing(
                out.subList(1, 3),
                gradients -> pooledBatchNorm.backward(
                        x.host().floats(),
                        x.offset(),
                        array(in.get(1)),
                        array(in.get(2)),
                        array(in.get(3)),
                        array(in.get(4)),
                        dy.host().floats(),
                        dy.offset(),
                        dx.host().floats(),
                        dx.offset(),
                        gradients.get(0),
                        gradients.get(1),
                        size(x.shape(), op.windowHeight(), op.windowWidth())));
    }

    private static PooledBatchNorm.Size size(Shape x, int windowHeight, int windowWidth) {
        return new PooledBatchNorm.Size(x.dim(0), x.dim(1), x.dim(2), x.dim(3), windowHeight, windowWidth);
    }

    void inference(org.jclap.tensor.op.BatchNorm.Inference op, List<Tensor> in, Tensor y) {
        Tensor x = in.get(0);
        batchNorm.forwardInference(
                x.host().floats(),
                x.offset(),
                array(in.get(1)),
                array(in.get(2)),
                array(in.get(3)),
                array(in.get(4)),
                (float) op.eps(),
                op.relu(),
                y.host().floats(),
                y.offset(),
                rows(x.shape()),
                x.shape().last());
    }

    void batchNormBackward(org.jclap.tensor.op.BatchNorm.Backward op, List<Tensor> in, List<Tensor> out) {
        Tensor x = in.get(0);
        Tensor y = in.get(4);
        Tensor dy = in.get(5);
        Tensor dx = out.get(0);
        float @Nullable [] sign = op.relu() ? y.host().floats() : null;
        writing(
                out.subList(1, 3),
                gradients -> batchNorm.backward(
                        x.host().floats(),
                        x.offset(),
                        sign,
                        y.offset(),
                        array(in.get(1)),
                        array(in.get(2)),
                        array(in.get(3)),
                        dy.host().floats(),
                        dy.offset(),
                        dx.host().floats(),
                        dx.offset(),
                        gradients.get(0),
                        gradients.get(1),
                        rows(x.shape()),
                        x.shape().last()));
    }

    void pool(Pool.Forward op, Tensor x, Tensor y) {
        Shape s = x.shape();
        avgPool.forward(
                x.host().floats(),
                x.offset(),
                y.host().floats(),
                y.offset(),
                s.dim(0),
                s.dim(1),
                s.dim(2),
                s.dim(3),
                op.windowHeight(),
                op.windowWidth());
    }

    void poolBackward(Pool.Backward op, Tensor dy, Tensor dx) {
        Shape s = dx.shape();
        avgPool.backward(
                dy.host().floats(),
                dy.offset(),
                dx.host().floats(),
                dx.offset(),
                s.dim(0),
                s.dim(1),
                s.dim(2),
                s.dim(3),
                op.windowHeight(),
                op.windowWidth());
    }

    private static int rows(Shape shape) {
        return shape.product(0, shape.rank() - 1);
    }

    /** The elements of a small operand from index 0 on: its own array, or a copy when it begins further in. */
    static float[] array(Tensor tensor) {
        float[] data = tensor.host().floats();
        int offset = tensor.offset();
        return offset == 0 ? data : Arrays.copyOfRange(data, offset, offset + tensor.size());
    }

    /** Runs a kernel that writes to small tensors from index 0 on, see {@link #array}. */
    private static void writing(List<Tensor> tensors, Consumer<List<float[]>> kernel) {
        List<float[]> arrays = tensors.stream().map(NormOps::array).toList();
        kernel.accept(arrays);
        for (int i = 0; i < arrays.size(); i++) {
            store(arrays.get(i), tensors.get(i));
        }
    }

    /** Brings what was written to {@link #array} home. */
    private static void store(float[] array, Tensor tensor) {
        if (tensor.offset() != 0) {
            System.arraycopy(array, 0, tensor.host().floats(), tensor.offset(), tensor.size());
        }
    }
}
