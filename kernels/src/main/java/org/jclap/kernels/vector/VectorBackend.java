package org.jclap.kernels.vector;

import java.util.List;
import java.util.stream.Stream;
import org.jclap.tensor.HostBackend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.BatchNorm;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.BroadcastTo;
import org.jclap.tensor.op.Cast;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.LayerNorm;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.LogMel;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.op.Pool;
import org.jclap.tensor.op.Reduction;
import org.jclap.tensor.op.Softmax;
import org.jclap.tensor.op.StepControl;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.op.Update;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;

/**
 * The backend in pure Java: F32 on the Vector API and a pool of threads. Other element types are stored and converted
 * here; their arithmetic is the reference backend's, which is slow but right.
 *
 * <p>Results are bit-equal for any number of threads: every kernel splits its work by the shapes alone.
 */
public final class VectorBackend extends HostBackend {
    private final Workers workers;
    private final ReferenceBackend reference = new ReferenceBackend();
    private final MapOps maps;
    private final AssignOps assigns;
    private final LayoutOps layouts;
    private final ReductionOps reductions;
    private final MatrixOps matrices;
    private final NormOps norms;
    private final GatherOps gathers;
    private final AttentionOps attention;
    private final ContrastiveOps contrastive;
    private final LogMelOps logMels;
    private final UpdateOps updates;

    /** A backend with this many threads, the caller included. */
    public VectorBackend(int threads) {
        workers = new Workers(threads);
        maps = new MapOps(workers);
        assigns = new AssignOps(workers);
        layouts = new LayoutOps(workers);
        reductions = new ReductionOps(workers);
        matrices = new MatrixOps(workers);
        norms = new NormOps(workers);
        gathers = new GatherOps(workers);
        attention = new AttentionOps(workers);
        contrastive = new ContrastiveOps(workers);
        logMels = new LogMelOps(workers);
        updates = new UpdateOps(workers);
    }

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public String description() {
        return "Java Vector API, %d lanes of %d bits, %d threads, Java %s (%s)"
                .formatted(
                        Lanes.COUNT,
                        Float.SIZE,
                        workers.threads(),
                        Runtime.version(),
                        System.getProperty("java.vm.name", "unknown machine"));
    }

    @Override
    public void run(Op op, List<Tensor> in, List<Tensor> out) {
        if (hasKernel(op, in, out)) {
            compute(op, in, out);
        } else {
            reference.run(op, in, out);
        }
    }

    /** Whether every floating tensor is F32 and there is one, or the op is a conversion between F32 and a half. */
    private static boolean hasKernel(Op op, List<Tensor> in, List<Tensor> out) {
        if (op instanceof Cast) {
            return CastKernel.handles(in.getFirst().dtype(), out.getFirst().dtype());
        }
        List<DType> floating = Stream.concat(in.stream(), out.stream())
                .map(Tensor::dtype)
                .filter(DType::isFloating)
                .distinct()
                .toList();
        return floating.equals(List.of(DType.F32));
    }

    private void compute(Op op, List<Tensor> in, List<Tensor> out) {
        switch (op) {
            case Unary f -> maps.unary(f, in.get(0), out.get(0));
            case Binary f -> maps.binary(f, in.get(0), in.get(1), out.get(0));
            case Affine f -> maps.affine(f, in.get(0), out.get(0));
            case Cast _ -> CastKernel.cast(workers, in.get(0), out.get(0));
            case Dropout f -> maps.dropout(f, in.get(0), in.get(1), out.get(0));
            case Assign.Fill f -> assigns.fill(f, in.get(0));
            case Assign.Copy _ -> assigns.copy(in.get(0), in.get(1));
            case Assign.Accumulate f -> assigns.accumulate(f, in.get(0), in.get(1));
            case Layout.Reshape _ -> assigns.copy(out.get(0), in.get(0));
            case Layout.Permute f -> layouts.permute(f, in.get(0), out.get(0));
            case Layout.Slice f -> layouts.slice(f, in.get(0), out.get(0));
            case Layout.Pad f -> layouts.pad(f, in.get(0), out.get(0));
            case Layout.Concat f -> layouts.concat(f, in, out.get(0));
            case BroadcastTo _ -> maps.broadcast(in.get(0), out.get(0));
            case Reduction.Reduce f -> reductions.reduce(f, in.get(0), out.get(0));
            case Reduction.MaxBackward f -> reductions.maxBackward(f, in.get(0), in.get(1), out.get(0));
            case Reduction.SumOfSquares _ -> reductions.sumOfSquares(in, out.get(0));
            case MatMul f -> matrices.matmul(f, in.get(0), in.get(1), out.get(0));
            case Linear f -> matrices.linear(f, in, out);
            case Convolution.Forward f -> matrices.forward(f, in.get(0), in.get(1), out.get(0));
            case Convolution.Normalized f -> matrices.normalized(f, in, out.get(0));
            case Convolution.BackwardInput f -> matrices.backwardInput(f, in.get(0), in.get(1), out.get(0));
            case Convolution.BackwardWeight f -> matrices.backwardWeight(f, in.get(0), in.get(1), out.get(0));
            case Pool.Forward f -> norms.pool(f, in.get(0), out.get(0));
            case Pool.Backward f -> norms.poolBackward(f, in.get(0), out.get(0));
            case Softmax.Forward f -> norms.softmax(f, in.get(0), out.get(0));
            case Softmax.Backward f -> norms.softmaxBackward(f, in.get(0), in.get(1), out.get(0));
            case LayerNorm.Forward f -> norms.layerNorm(f, in, out);
            case LayerNorm.Residual f -> norms.residual(f, in, out);
            case LayerNorm.Backward _ -> norms.layerNormBackward(in, out);
            case BatchNorm.Training f -> norms.training(f, in, out);
            case BatchNorm.Inference f -> norms.inference(f, in, out.get(0));
            case BatchNorm.Backward f -> norms.batchNormBackward(f, in, out);
            case BatchNorm.PooledTraining f -> norms.pooledTraining(f, in, out);
            case BatchNorm.PooledBackward f -> norms.pooledBackward(f, in, out);
            case Gather.Forward f -> gathers.forward(f, in.get(0), in.get(1), out.get(0));
            case Gather.Backward f -> gathers.backward(f, in.get(0), in.get(1), out.get(0));
            case Attention.Forward f -> attention.forward(f, in, out);
            case Attention.Backward f -> attention.backward(f, in, out);
            case Contrastive.Forward f -> contrastive.forward(f, in, out);
            case Contrastive.Backward f -> contrastive.backward(f, in, out);
            case LogMel f -> logMels.forward(f, in, out.get(0));
            case StepControl _ -> reference.run(op, in, out);
            case Update.Adam f -> updates.adam(f, in);
            case Update.Sgd f -> updates.sgd(f, in);
        }
    }

    /** Ends the threads and forgets the pooled arrays. */
    @Override
    public void close() {
        workers.close();
        super.close();
    }
}
