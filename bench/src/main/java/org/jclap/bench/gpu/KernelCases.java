package org.jclap.bench.gpu;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jclap.bench.BenchCase;
import org.jclap.bench.Stage;
import org.jclap.bench.Work;
import org.jclap.bench.Workload;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** The ops that a training step spends its time in, at its sizes. */
final class KernelCases {
    /** Two of each kind: an early and a late layer. */
    private static final List<Integer> BLOCKS = List.of(0, 2, 4);

    private final Sizes sizes;

    KernelCases(Sizes sizes) {
        this.sizes = sizes;
    }

    /**
     * An op on a stage.
     *
     * @param inLibraries whether NVIDIA's libraries compute it, too
     * @param work operations whatever the algorithm, and the bytes that have to move
     */
    record Kernel(String name, DType dtype, boolean inLibraries, Work work, BenchCase.Recipe recipe) {
        static Kernel of(
                String name, DType dtype, boolean inLibraries, double flops, double elements, BenchCase.Recipe recipe) {
            var label = "%s %s".formatted(name, dtype);
            return new Kernel(label, dtype, inLibraries, new Work(flops, bytes(dtype) * elements), recipe);
        }
    }

    private static int bytes(DType dtype) {
        return dtype == DType.F32 ? Float.BYTES : Short.BYTES;
    }

    /** What the bandwidth is measured with. */
    Kernel copy() {
        int n = sizes.elements();
        return Kernel.of("copy", DType.F32, false, 0, 2.0 * n, stage -> {
            var source = Cuda.uniform(stage.backend(), DType.F32, n);
            var target = Tensor.empty(stage.backend(), Shape.of(n), DType.F32);
            return () -> List.of(Ops.copy(target, source));
        });
    }

    /** Large products first: they show what arithmetic can reach. */
    List<Kernel> all() {
        return Stream.of(products(), layers(), convolutions(), attention(), passes(), updates())
                .flatMap(Function.identity())
                .toList();
    }

    // ---------------------------------------------------------------------------------------------- arithmetic

    private Stream<Kernel> products() {
        var sides = sizes.products().reversed();
        return Stream.concat(
                sides.stream().map(n -> product(n, DType.BF16)),
                sides.stream().skip(1).map(n -> product(n, DType.F32)));
    }

    private static Kernel product(double n, DType dtype) {
        int side = (int) n;
        return Kernel.of("gemm %dx%dx%d".formatted(side, side, side), dtype, true, 2 * n * n * n, 3 * n * n, stage -> {
            var a = Cuda.uniform(stage.backend(), dtype, side, side);
            var b = Cuda.uniform(stage.backend(), dtype, side, side);
            return () -> List.of(Ops.matmul(a, b));
        });
    }

    /** Those of a transformer layer. */
    private Stream<Kernel> layers() {
        int rows = sizes.batch() * sizes.tokens();
        var text = sizes.model().text();
        return Stream.of(
                linear(rows, text.hidden(), text.hidden(), false),
                linear(rows, text.intermediate(), text.hidden(), true),
                linear(rows, text.hidden(), text.intermediate(), false));
    }

    private static Kernel linear(int rows, int out, int in, boolean gelu) {
        double elements = (double) rows * in + (double) out * in + (gelu ? 2.0 : 1.0) * rows * out;
        var name = "linear %s%dx%dx%d".formatted(gelu ? "with gelu " : "", rows, out, in);
        return Kernel.of(name, DType.BF16, true, 2.0 * rows * out * in, elements, stage -> {
            var x = Cuda.uniform(stage.backend(), DType.BF16, rows, in);
            var w = Cuda.uniform(stage.backend(), DType.BF16, out, in);
            var bias = Cuda.uniform(stage.backend(), DType.BF16, out);
            return () -> Tensor.applyAll(new Linear(gelu), List.of(x, w, bias));
        });
    }

    /** The second convolution of some blocks of CNN14, and the very first one. */
    private Stream<Kernel> convolutions() {
        var audio = sizes.model().audio();
        var first = convolution(1, audio.channels().getFirst(), sizes.frames(), audio.mels());
        return Stream.concat(first, BLOCKS.stream().flatMap(block -> {
            int channels = audio.channels().get(block);
            return convolution(channels, channels, sizes.frames() >> block, audio.mels() >> block);
        }));
    }

    private Stream<Kernel> convolution(int in, int out, int height, int width) {
        int batch = sizes.batch();
        double pixels = (double) batch * height * width;
        double flops = 2 * 9 * pixels * in * out;
        double elements = pixels * (in + out) + 9.0 * in * out;
        var name = "conv3x3 %d to %d channels %dx%dx%d ".formatted(in, out, batch, height, width);
        return Stream.of(
                Kernel.of(name + "forward", DType.BF16, true, flops, elements, stage -> {
                    var x = image(stage, height, width, in);
                    var w = filters(stage, in, out);
                    return () -> List.of(Ops.conv2d(x, w, 1, 1));
                }),
                Kernel.of(name + "backward input", DType.BF16, true, flops, elements, stage -> {
                    var w = filters(stage, in, out);
                    var dy = image(stage, height, width, out);
                    return () -> List.of(Tensor.apply(new Convolution.BackwardInput(1, 1, height, width), w, dy));
                }),
                Kernel.of(name + "backward weight", DType.BF16, true, flops, elements, stage -> {
                    var x = image(stage, height, width, in);
                    var dy = image(stage, height, width, out);
                    return () -> List.of(Tensor.apply(new Convolution.BackwardWeight(1, 1, 3, 3), x, dy));
                }));
    }

    private Tensor image(Stage stage, int height, int width, int channels) {
        return Cuda.uniform(stage.backend(), DType.BF16, sizes.batch(), height, width, channels);
    }

    private static Tensor filters(Stage stage, int in, int out) {
        return Cuda.uniform(stage.backend(), DType.BF16, out, in, 3, 3);
    }

    private Stream<Kernel> attention() {
        var text = sizes.model().text();
        int length = sizes.tokens();
        double scores = (double) sizes.batch() * length * length * text.hidden();
        double elements = (double) sizes.batch() * length * text.hidden();
        var name = "attention %dx%dx%d ".formatted(sizes.batch(), length, text.hidden());
        return Stream.of(
                Kernel.of(name + "forward", DType.BF16, false, 4 * scores, 4 * elements, stage -> {
                    var inputs = attentionInputs(stage);
                    var op = new Attention.Forward(text.heads(), 0, 0);
                    return () -> Tensor.applyAll(op, inputs);
                }),
                Kernel.of(name + "backward", DType.BF16, false, 10 * scores, 8 * elements, stage -> {
                    var inputs = attentionInputs(stage);
                    var outputs = Tensor.applyAll(new Attention.Forward(text.heads(), 0, 0), inputs);
                    var all = Stream.of(inputs, outputs, List.of(inputs.getFirst()))
                            .flatMap(List::stream)
                            .toList();
                    var op = new Attention.Backward(text.heads(), 0, 0);
                    return () -> Tensor.applyAll(op, all);
                }));
    }

    private List<Tensor> attentionInputs(Stage stage) {
        int[] dims = {sizes.batch(), sizes.tokens(), sizes.model().text().hidden()};
        var x = Cuda.uniform(stage.backend(), DType.BF16, dims);
        var mask = Ops.fill(Tensor.empty(stage.backend(), Shape.of(dims[0], dims[1]), DType.BF16), 1);
        return List.of(x, x, x, mask);
    }

    // ---------------------------------------------------------------------------------------------- bandwidth

    private Stream<Kernel> passes() {
        int width = sizes.lossWidth();
        int rows = sizes.elements() / width;
        double n = (double) rows * width;
        return Stream.of(
                pass("gelu", 2 * n, rows, width, x -> List.of(Ops.gelu(x))),
                pass("softmax", 2 * n, rows, width, x -> List.of(Ops.softmax(x))),
                pass("sum of columns", n, rows, width, x -> List.of(Ops.sum(x, 0, false))),
                pass("cast to F32", 3 * n, rows, width, x -> List.of(Ops.cast(x, DType.F32))),
                dropout(rows, width),
                layerNorm(rows, width),
                batchNorm(),
                pooledBatchNorm(),
                pool());
    }

    private static Kernel pass(
            String op, double elements, int rows, int width, Function<Tensor, List<Tensor>> function) {
        var name = "%s %dx%d".formatted(op, rows, width);
        return Kernel.of(name, DType.BF16, false, 0, elements, stage -> {
            var x = Cuda.uniform(stage.backend(), DType.BF16, rows, width);
            return () -> function.apply(x);
        });
    }

    private static Kernel dropout(int rows, int width) {
        var name = "dropout %dx%d".formatted(rows, width);
        return Kernel.of(name, DType.BF16, false, 0, 2.0 * rows * width, stage -> {
            var x = Cuda.uniform(stage.backend(), DType.BF16, rows, width);
            var random = Tensor.of(stage.backend(), Shape.of(2), 1L, 2L);
            return () -> List.of(Tensor.apply(new Dropout(0.1f, 3), x, random));
        });
    }

    private static Kernel layerNorm(int rows, int width) {
        var name = "layer norm %dx%d".formatted(rows, width);
        return Kernel.of(name, DType.BF16, false, 0, 2.0 * rows * width, stage -> {
            var inputs = List.of(
                    Cuda.uniform(stage.backend(), DType.BF16, rows, width),
                    Cuda.uniform(stage.backend(), DType.F32, width),
                    Cuda.uniform(stage.backend(), DType.F32, width));
            return () -> Tensor.applyAll(new LayerNorm.Forward(1e-5), inputs);
        });
    }

    /** The largest of CNN14: moments first, so x is read twice. */
    private Kernel batchNorm() {
        return batchNorm("batch norm, relu", 3, new BatchNorm.Training(1e-5, 0.1, true));
    }

    /** The same where a quarter of the result is written. */
    private Kernel pooledBatchNorm() {
        return batchNorm("batch norm, pooled", 2.25, new BatchNorm.PooledTraining(1e-5, 0.1, 2, 2));
    }

    private Kernel batchNorm(String what, double passes, BatchNorm op) {
        var audio = sizes.model().audio();
        int channels = audio.channels().getFirst();
        double n = (double) sizes.batch() * sizes.frames() * audio.mels() * channels;
        var name = "%s %dx%dx%dx%d".formatted(what, sizes.batch(), sizes.frames(), audio.mels(), channels);
        return Kernel.of(name, DType.BF16, false, 0, passes * n, stage -> {
            var x = image(stage, sizes.frames(), audio.mels(), channels);
            var inputs = Stream.concat(
                            Stream.of(x), Stream.generate(() -> Cuda.uniform(stage.backend(), DType.F32, channels)))
                    .limit(5)
                    .toList();
            return () -> Tensor.applyAll(op, inputs);
        });
    }

    private Kernel pool() {
        var audio = sizes.model().audio();
        int channels = audio.channels().getFirst();
        double n = (double) sizes.batch() * sizes.frames() * audio.mels() * channels;
        var name = "average pooling %dx%dx%dx%d".formatted(sizes.batch(), sizes.frames(), audio.mels(), channels);
        return Kernel.of(name, DType.BF16, false, 0, 1.25 * n, stage -> {
            var x = image(stage, sizes.frames(), audio.mels(), channels);
            return () -> List.of(Ops.avgPool2d(x, 2, 2));
        });
    }

    /** Reads parameter, gradient and two moments, writes all but the gradient. */
    private Stream<Kernel> updates() {
        int n = sizes.elements() / 4;
        return Stream.of(Kernel.of("adam %d".formatted(n), DType.F32, false, 0, 7.0 * n, stage -> adam(stage, n)));
    }

    private static Workload adam(Stage stage, int n) {
        var step = Tensor.of(stage.backend(), Shape.of(3), 1e-3f, 100f, 1f);
        var first = Tensor.zeros(stage.backend(), Shape.of(n), DType.F32);
        var second = Tensor.zeros(stage.backend(), Shape.of(n), DType.F32);
        var numbers = Cuda.uniform(stage.backend(), DType.F32, n);
        var inputs = List.of(step, Cuda.uniform(stage.backend(), DType.F32, n), numbers, first, second);
        return () -> Tensor.applyAll(new Update.Adam(0.9, 0.999, 1e-8, 0, false), inputs);
    }
}
