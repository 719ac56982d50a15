package org.jclap.tensor.reference;

import java.util.List;
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

/**
 * The scalar backend: one thread, every floating type, arithmetic in double. Each op is its definition written as loops,
 * so that a faster backend can be held against it; see the class named after the op's family.
 */
public final class ReferenceBackend extends HostBackend {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "scalar loops in double precision on one thread: slow, for checking other backends";
    }

    @Override
    public void run(Op op, List<Tensor> in, List<Tensor> out) {
        switch (op) {
            case Unary f -> ElementwiseReference.unary(f, in.get(0), out.get(0));
            case Binary f -> ElementwiseReference.binary(f, in.get(0), in.get(1), out.get(0));
            case Affine f -> ElementwiseReference.affine(f, in.get(0), out.get(0));
            case Cast _ -> ElementwiseReference.cast(in.get(0), out.get(0));
            case Dropout f -> ElementwiseReference.dropout(f, in.get(0), in.get(1), out.get(0));
            case Assign.Fill f -> AssignReference.fill(f, in.get(0));
            case Assign.Copy _ -> AssignReference.copy(in.get(1), in.get(0));
            case Assign.Accumulate f -> AssignReference.accumulate(f, in.get(0), in.get(1));
            case Layout.Reshape _ -> AssignReference.copy(in.get(0), out.get(0));
            case Layout.Permute f -> LayoutReference.permute(f, in.get(0), out.get(0));
            case Layout.Slice f -> LayoutReference.slice(f, in.get(0), out.get(0));
            case Layout.Pad f -> LayoutReference.pad(f, in.get(0), out.get(0));
            case Layout.Concat f -> LayoutReference.concat(f, in, out.get(0));
            case BroadcastTo f -> LayoutReference.broadcast(f, in.get(0), out.get(0));
            case Reduction.Reduce f -> ReductionReference.reduce(f, in.get(0), out.get(0));
            case Reduction.MaxBackward f -> ReductionReference.maxBackward(f, in.get(0), in.get(1), out.get(0));
            case Reduction.SumOfSquares _ -> ReductionReference.sumOfSquares(in, out.get(0));
            case MatMul f -> MatrixReference.matmul(f, in.get(0), in.get(1), out.get(0));
            case Linear f -> MatrixReference.linear(f, in.get(0), in.get(1), in.get(2), out);
            case Convolution.Forward f -> ConvolutionReference.forward(f, in.get(0), in.get(1), out.get(0));
            case Convolution.Normalized f -> ConvolutionReference.normalized(f, in, out.get(0));
            case Convolution.BackwardInput f -> ConvolutionReference.backwardInput(f, in.get(0), in.get(1), out.get(0));
            case Convolution.BackwardWeight f ->
                ConvolutionReference.backwardWeight(f, in.get(0), in.get(1), out.get(0));
            case Pool.Forward f -> PoolReference.forward(f, in.get(0), out.get(0));
            case Pool.Backward f -> PoolReference.backward(f, in.get(0), out.get(0));
            case Softmax.Forward f -> SoftmaxReference.forward(f, in.get(0), out.get(0));
            case Softmax.Backward f -> SoftmaxReference.backward(f, in.get(0), in.get(1), out.get(0));
            case LayerNorm.Forward f -> LayerNormReference.forward(f, in, out);
            case LayerNorm.Residual f -> LayerNormReference.residual(f, in, out);
            case LayerNorm.Backward _ -> LayerNormReference.backward(in, out);
            case BatchNorm.Training f -> BatchNormReference.training(f, in, out);
            case BatchNorm.Inference f -> BatchNormReference.inference(f, in, out.get(0));
            case BatchNorm.Backward f -> BatchNormReference.backward(f, in, out);
            case BatchNorm.PooledTraining f -> BatchNormReference.pooledTraining(f, in, out);
            case BatchNorm.PooledBackward f -> BatchNormReference.pooledBackward(f, in, out);
            case Gather.Forward f -> GatherReference.forward(f, in.get(0), in.get(1), out.get(0));
            case Gather.Backward f -> GatherReference.backward(f, in.get(0), in.get(1), out.get(0));
            case Attention.Forward f -> AttentionReference.forward(f, in, out);
            case Attention.Backward f -> AttentionReference.backward(f, in, out);
            case Contrastive.Forward f -> ContrastiveReference.forward(f, in, out);
            case Contrastive.Backward f -> ContrastiveReference.backward(f, in, out);
            case LogMel f -> LogMelReference.forward(f, in, out.get(0));
            case StepControl f -> StepControlReference.decide(f, in);
            case Update.Adam f -> UpdateReference.adam(f, in);
            case Update.Sgd f -> UpdateReference.sgd(f, in);
        }
    }
}
