package org.jclap.clap.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** The ops that training and inference spend their time in, at odd sizes, forward and backward. */
final class OpChecks {
    private static final int SEED = 20;

    private final Backend reference;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<Check> checks = new ArrayList<>();

    /** An op and its inputs, which belong to the reference backend. */
    record Check(String name, Op op, List<Tensor> inputs) {}

    OpChecks(Backend reference) {
        this.reference = reference;
    }

    /** The checks; their tensors belong to the current scope. */
    List<Check> all() {
        matrices();
        images();
        normalisation();
        transformer();
        loss();
        rest();
        return List.copyOf(checks);
    }

    /** Adds a check and returns the reference's outputs, for its gradient; none for an op that changes its inputs. */
    private List<Tensor> add(String name, Op op, Tensor... inputs) {
        checks.add(new Check(name, op, List.of(inputs)));
        return op.mutates(inputs.length).isEmpty() ? Tensor.applyAll(op, List.of(inputs)) : List.of();
    }

    private void matrices() {
        add("matrix product", new MatMul(false, false), uniform(65, 301), uniform(301, 77));
        add("matrix product, transposed", new MatMul(true, true), uniform(301, 65), uniform(77, 301));
        add("linear layer with GELU", new Linear(true), uniform(33, 130), uniform(70, 130), uniform(70));
    }

    private void images() {
        var x = uniform(2, 14, 11, 24);
        var w = uniform(40, 24, 3, 3);
        var y = add("convolution", new Convolution.Forward(1, 1), x, w).getFirst();
        var dy = uniform(y.shape());
        add("convolution, input gradient", new Convolution.BackwardInput(1, 1, 14, 11), w, dy);
        add("convolution, weight gradient", new Convolution.BackwardWeight(1, 1, 3, 3), x, dy);
        var pooled = add("average pooling", new Pool.Forward(2, 2), y).getFirst();
        add("average pooling, gradient", new Pool.Backward(2, 2, 14, 11), uniform(pooled.shape()));
    }

    private void normalisation() {
        var x = uniform(3, 9, 7, 24);
        var w = uniform(24);
        var training = new BatchNorm.Training(1e-5, 0.1, true);
        var shift = uniform(24);
        add("batch norm", training, x, w, shift, uniform(24), positive(24));
        // It changes its running statistics, so the outputs for the gradient are made with others.
        var outputs = Tensor.applyAll(training, List.of(x, w, shift, uniform(24), positive(24)));
        add(
                "batch norm, gradient",
                new BatchNorm.Backward(true),
                x,
                w,
                outputs.get(1),
                outputs.get(2),
                outputs.get(0),
                uniform(x.shape()));
        pooledNormalisation();
        var rows = uniform(29, 130);
        var scale = uniform(130);
        var normal = add("layer norm", new LayerNorm.Forward(1e-12), rows, scale, uniform(130));
        add(
                "layer norm, gradient",
                new LayerNorm.Backward(),
                rows,
                scale,
                normal.get(1),
                normal.get(2),
                uniform(rows.shape()));
    }

    private void pooledNormalisation() {
        var x = uniform(3, 9, 7, 24);
        var w = uniform(24);
        var shift = uniform(24);
        var training = new BatchNorm.PooledTraining(1e-5, 0.1, 2, 2);
        add("batch norm, pooled", training, x, w, shift, uniform(24), positive(24));
        var outputs = Tensor.applyAll(training, List.of(x, w, shift, uniform(24), positive(24)));
        add(
                "batch norm, pooled, gradient",
                new BatchNorm.PooledBackward(2, 2),
                x,
                w,
                shift,
                outputs.get(1),
                outputs.get(2),
                uniform(outputs.getFirst().shape()));
    }

    private void transformer() {
        var ids = Tensor.of(reference, Shape.of(2, 5), 3, 0, 17, 3, 21, 8, 8, 1, 0, 2);
        add("embedding lookup", new Gather.Forward(0), uniform(23, 50), ids);
        add("embedding lookup, gradient", new Gather.Backward(23, 0), ids, uniform(2, 5, 50));
        var shape = Shape.of(2, 37, 60);
        var q = uniform(shape);
        var k = uniform(shape);
        var v = uniform(shape);
        var mask = padded(2, 37, 21);
        var out = add("attention", new Attention.Forward(5, 0, 0), q, k, v, mask);
        add(
                "attention, gradient",
                new Attention.Backward(5, 0, 0),
                q,
                k,
                v,
                mask,
                out.get(0),
                out.get(1),
                uniform(shape));
        var y = add("softmax", new Softmax.Forward(false), uniform(31, 67)).getFirst();
        add("softmax, gradient", new Softmax.Backward(false), y, uniform(y.shape()));
    }

    private void loss() {
        var audio = Ops.normalize(uniform(33, 64));
        var text = Ops.normalize(uniform(33, 64));
        var s = Tensor.of(reference, Shape.of(1), 2.5f);
        var one = Tensor.of(reference, Shape.of(1), 1f);
        var teachers = List.of(Ops.normalize(uniform(33, 48)), Ops.normalize(uniform(33, 20)));
        var hard =
                add("contrastive loss", new Contrastive.Forward(0, Contrastive.Targets.REFERENCE, 1), audio, text, s);
        add(
                "contrastive loss, gradient",
                new Contrastive.Backward(0, Contrastive.Targets.REFERENCE, 1),
                audio,
                text,
                s,
                hard.get(1),
                one);
        var soft = add(
                "contrastive loss with teachers",
                new Contrastive.Forward(0.3, Contrastive.Targets.REFERENCE, 1),
                audio,
                text,
                s,
                teachers.get(0),
                teachers.get(1));
        add(
                "contrastive loss with teachers, gradient",
                new Contrastive.Backward(0.3, Contrastive.Targets.REFERENCE, 1),
                audio,
                text,
                s,
                soft.get(1),
                one,
                teachers.get(0),
                teachers.get(1));
    }

    private void rest() {
        add("mean", new Reduction.Reduce(Reduction.Kind.MEAN, 1, 2, false), uniform(7, 301, 5));
        add("dropout", new Dropout(0.3f, 4), uniform(57, 19), Tensor.of(reference, Shape.of(2), 12L, 34L));
        var step = Tensor.of(reference, Shape.of(3), 1e-2f, 7f, 1f);
        add(
                "Adam step",
                new Update.Adam(0.9, 0.999, 1e-8, 0.01, true),
                step,
                uniform(1003),
                uniform(1003),
                uniform(1003),
                positive(1003));
    }

    private Tensor uniform(int... dims) {
        return uniform(Shape.of(dims));
    }

    private Tensor uniform(Shape shape) {
        return numbers(shape, -1, 1);
    }

    private Tensor positive(int length) {
        return numbers(Shape.of(length), 0.1, 1);
    }

    private Tensor numbers(Shape shape, double low, double high) {
        var values = new float[shape.size()];
        for (var i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(low, high);
        }
        return Tensor.fromHost(reference, shape, DType.F32, values, values.length);
    }

    /** A mask whose last row ends early. */
    private Tensor padded(int rows, int length, int lastLength) {
        var values = new float[rows * length];
        Arrays.fill(values, 0, (rows - 1) * length + lastLength, 1);
        return Tensor.fromHost(reference, Shape.of(rows, length), DType.F32, values, values.length);
    }
}
