package org.jclap.kernels.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jclap.kernels.cuda.CudaStream.Event;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostPool;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Replay;
import org.jclap.tensor.Storage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.Transfer;
import org.jclap.tensor.UserException;
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
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/**
 * The backend on an NVIDIA device. Ops are queued: {@link #run} returns before they have run, {@link #download} waits.
 *
 * <p>Arithmetic is in F32 whatever the element type, F32, BF16 or F16. F64 is for the reference backend only.
 */
public final class CudaBackend implements Backend {
    private static final System.Logger LOG = System.getLogger(CudaBackend.class.getName());

    private final CudaOptions options;
    private final Condition condition;
    /** What has been opened, the last one first. */
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    private final Device device;
    private final CudaStream stream;
    private final DeviceMemory memory;
    private final Faults faults;
    private final Staging staging;
    private final Launcher launcher;
    private final VendorLibraries libraries;
    private final Graphs graphs;
    private final CopyLane lane;
    private final LayoutOps layouts;
    private final ElementwiseOps elementwise;
    private final ReductionOps reductions;
    private final MatrixOps matrices;
    private final NormalisationOps normalisations;
    private final ConvolutionOps convolutions;
    private final PoolingOps pooling;
    private final BatchNormOps batchNorms;
    private final ContrastiveOps losses;
    private final UpdateOps updates;
    private final GatherOps gathers;
    private final AttentionOps attention;
    private final LogMelOps logMels;

    /** Opens the first device; see {@link CudaProvider#obstacle} for why this may fail. */
    CudaBackend(CudaOptions options) {
        this.options = options;
        condition = new Condition(options.synchronous());
        try {
            device = part(Device.open());
            stream = part(new CudaStream());
            Kernels kernels = part(new Kernels(device.compute()));
            memory = part(new DeviceMemory(device, stream, options.memoryLimit()));
            staging = part(new Staging(stream));
            launcher = new Launcher(kernels, stream);
            layouts = new LayoutOps(launcher);
            libraries = part(new VendorLibraries(options, device, stream, memory, layouts));
            faults = part(new Faults(stream));
            graphs = part(new Graphs(this, condition, device, stream, memory, faults));
            lane = part(new CopyLane(this, condition, device, stream, memory, graphs::isCapturing));
            parts.push(stream::synchronise);
        } catch (RuntimeException e) {
            closeParts();
            throw e;
        }
        elementwise = new ElementwiseOps(launcher, layouts);
        reductions = new ReductionOps(launcher, memory);
        TensorCores tensorCores = new TensorCores(device.compute(), options.tf32());
        matrices = new MatrixOps(launcher, tensorCores, libraries.cublas());
        normalisations = new NormalisationOps(launcher, memory, reductions);
        convolutions = new ConvolutionOps(launcher, memory, layouts, tensorCores, libraries.cudnn());
        pooling = new PoolingOps(launcher);
        batchNorms = new BatchNormOps(launcher, memory);
        losses = new ContrastiveOps(launcher, options.tile());
        updates = new UpdateOps(launcher);
        gathers = new GatherOps(launcher, memory, layouts, faults);
        attention = new AttentionOps(launcher, memory, tensorCores);
        logMels = new LogMelOps(launcher, faults);
    }

    private <T extends AutoCloseable> T part(T opened) {
        parts.push(opened);
        return opened;
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public synchronized String description() {
        device.makeCurrent();
        return device.description() + ", " + libraries.description();
    }

    @Override
    public synchronized Storage allocate(DType dtype, int length) {
        condition.require();
        device.makeCurrent();
        try {
            return new CudaStorage(dtype, length, memory.allocate((long) length * dtype.bytes()), memory::recycle);
        } catch (CudaException e) {
            throw condition.failed(e, "allocation of %d x %s".formatted(length, dtype));
        }
    }

    @Override
    public synchronized void run(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        condition.require();
        requireKernels(op, inputs, outputs);
        device.makeCurrent();
        try {
            computeOrMakeRoom(op, inputs, outputs);
            if (options.synchronous() && !graphs.isCapturing()) {
                stream.synchronise();
                faults.raise();
            }
        } catch (CudaException e) {
            throw condition.failed(rootOf(e), CudaException.describe(op, inputs, outputs));
        }
    }

    /** Modules and libraries take memory of their own: where there is none, the cache is given up for it. */
    private void computeOrMakeRoom(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        long launches = launcher.launches();
        try {
            compute(op, inputs, outputs);
        } catch (CudaException e) {
            boolean begun = launcher.launches() > launches;
            if (!e.isOutOfMemory() || begun || graphs.isCapturing()) {
                throw e;
            }
            memory.trim();
            compute(op, inputs, outputs);
        }
    }

    /** A library reports that its work has failed, and not that a fault before has ended the context: the stream does. */
    private CudaException rootOf(CudaException failure) {
        if (!failure.losesContext() && !graphs.isCapturing()) {
            try {
                stream.requireSound();
            } catch (CudaException fault) {
                fault.addSuppressed(failure);
                return fault;
            }
        }
        return failure;
    }

    /** Kernels that move elements do so for every type; those that compute have no F64. */
    private static void requireKernels(Op op, List<Tensor> inputs, List<Tensor> outputs) {
        boolean moves = op instanceof Layout
                || op instanceof BroadcastTo
                || op instanceof Assign.Fill
                || op instanceof Assign.Copy;
        if (!moves && (hasDouble(inputs) || hasDouble(outputs))) {
            throw new UserException(
                    ("%s in F64: CUDA computes in F32, BF16 and F16; convert to F32 before the tensors go to the device,"
                                    + " or use --device reference")
                            .formatted(op.label()));
        }
    }

    private static boolean hasDouble(List<Tensor> tensors) {
        for (int i = 0; i < tensors.size(); i++) { // an iterator would be garbage of every launch
            if (tensors.get(i).dtype() == DType.F64) {
                return true;
            }
        }
        return false;
    }

    private void compute(Op op, List<Tensor> in, List<Tensor> out) {
        switch (op) {
            case Unary f -> elementwise.unary(f, in.get(0), out.get(0));
            case Binary f -> elementwise.binary(f, in.get(0), in.get(1), out.get(0));
            case Affine f -> elementwise.affine(f, in.get(0), out.get(0));
            case Cast _ -> elementwise.cast(in.get(0), out.get(0));
            case Dropout f -> elementwise.dropout(f, in.get(0), in.get(1), out.get(0));
            case Assign.Fill f -> layouts.fill(f, in.get(0));
            case Assign.Copy _ -> layouts.copy(in.get(1), in.get(0));
            case Assign.Accumulate f -> elementwise.accumulate(f, in.get(0), in.get(1));
            case Layout.Reshape _ -> layouts.copy(in.get(0), out.get(0));
            case Layout.Permute f -> layouts.permute(f, in.get(0), out.get(0));
            case Layout.Slice f -> layouts.slice(f, in.get(0), out.get(0));
            case Layout.Pad f -> layouts.pad(f, in.get(0), out.get(0));
            case Layout.Concat f -> layouts.concat(f, in, out.get(0));
            case BroadcastTo _ -> layouts.broadcast(in.get(0), out.get(0));
            case Reduction.Reduce f -> reductions.reduce(f, in.get(0), out.get(0));
            case Reduction.MaxBackward f -> reductions.maxBackward(f, in.get(0), in.get(1), out.get(0));
            case Reduction.SumOfSquares _ -> reductions.sumOfSquares(in, out.get(0));
            case Softmax.Forward f -> normalisations.softmax(f, in.get(0), out.get(0));
            case Softmax.Backward f -> normalisations.softmaxBackward(f, in.get(0), in.get(1), out.get(0));
            case LayerNorm.Forward f -> normalisations.layerNorm(f, in, out);
            case LayerNorm.Residual f -> normalisations.residual(f, in, out);
            case LayerNorm.Backward _ -> normalisations.layerNormBackward(in, out);
            case MatMul f -> matrices.matmul(f, in.get(0), in.get(1), out.get(0));
            case Linear f -> matrices.linear(f, in, out);
            case Convolution.Forward f -> convolutions.forward(f, in.get(0), in.get(1), out.get(0));
            case Convolution.Normalized f -> normalizedConvolution(f, in, out.get(0));
            case Convolution.BackwardInput f -> convolutions.backwardInput(f, in.get(0), in.get(1), out.get(0));
            case Convolution.BackwardWeight f -> convolutions.backwardWeight(f, in.get(0), in.get(1), out.get(0));
            case Pool.Forward f -> pooling.forward(f, in.get(0), out.get(0));
            case Pool.Backward f -> pooling.backward(f, in.get(0), out.get(0));
            case BatchNorm.Training f -> batchNorms.training(f, in, out);
            case BatchNorm.Inference f -> batchNorms.inference(f, in, out.get(0));
            case BatchNorm.Backward f -> batchNorms.backward(f, in, out);
            case BatchNorm.PooledTraining f -> batchNorms.pooledTraining(f, in, out);
            case BatchNorm.PooledBackward f -> batchNorms.pooledBackward(f, in, out);
            case Gather.Forward f -> gathers.forward(f, in.get(0), in.get(1), out.get(0));
            case Gather.Backward f -> gathers.backward(f, in.get(0), in.get(1), out.get(0));
            case Contrastive.Forward f -> losses.forward(f, in, out);
            case Contrastive.Backward f -> losses.backward(f, in, out);
            case StepControl f -> updates.control(f, in);
            case Update.Adam f -> updates.adam(f, in);
            case Update.Sgd f -> updates.sgd(f, in);
            case Attention.Forward f -> attention.forward(f, in, out);
            case Attention.Backward f -> attention.backward(f, in, out);
            case LogMel f -> logMels.forward(f, in, out.get(0));
        }
    }

    /** Two launches: the normalisation reads each element before the same thread overwrites it. */
    private void normalizedConvolution(Convolution.Normalized op, List<Tensor> in, Tensor y) {
        convolutions.forward(new Convolution.Forward(op.stride(), op.padding()), in.get(0), in.get(1), y);
        List<Tensor> parameters = in.subList(2, in.size());
        batchNorms.inference(
                new BatchNorm.Inference(op.eps(), op.relu()),
                Stream.concat(Stream.of(y), parameters.stream()).toList(),
                y);
    }

    @Override
    public synchronized void upload(
            HostStorage source, int sourceOffset, Storage target, int targetOffset, int length) {
        target.requireVariable();
        requireSameType(source, target);
        prepareCopy("upload", length, source.dtype());
        try {
            staging.upload(source, sourceOffset, ((CudaStorage) target).pointer(targetOffset), length);
        } catch (CudaException e) {
            throw condition.failed(e, copy("upload", length, source.dtype()));
        }
    }

    /** Waits for results without the lock, so that other threads can put copies on their way meanwhile. */
    @Override
    public void download(Storage source, int sourceOffset, HostStorage target, int targetOffset, int length) {
        requireSameType(source, target);
        prepareCopy("download", length, source.dtype());
        try (Event computed = stream.mark()) {
            computed.synchronise();
            synchronized (this) {
                condition.require();
                staging.download((CudaStorage) source, sourceOffset, target, targetOffset, length);
                faults.raise();
            }
        } catch (CudaException e) {
            throw condition.failed(e, copy("download", length, source.dtype()));
        }
    }

    private synchronized void prepareCopy(String kind, int length, DType type) {
        condition.require();
        device.makeCurrent();
        if (graphs.isCapturing()) {
            throw CudaException.inCapture(copy(kind, length, type));
        }
    }

    /** How an error names a copy. */
    private static String copy(String kind, int length, DType type) {
        return "%s of %d x %s".formatted(kind, length, type);
    }

    private static void requireSameType(Storage source, Storage target) {
        if (source.dtype() != target.dtype()) {
            throw new IllegalArgumentException(
                    "cannot copy %s to %s, cast first".formatted(source.dtype(), target.dtype()));
        }
    }

    @Override
    public Transfer transfer(HostStorage source) {
        condition.require();
        try {
            return lane.transfer(source);
        } catch (CudaException e) {
            throw condition.failed(e, copy("transfer", source.length(), source.dtype()));
        }
    }

    @Override
    public boolean canCapture() {
        return options.graphs() && !options.synchronous();
    }

    @Override
    public synchronized @Nullable Replay capture(Supplier<List<Tensor>> work) {
        if (!canCapture()) {
            return null;
        }
        condition.require();
        device.makeCurrent();
        return graphs.capture(work);
    }

    /**
     * What was asked of the device so far.
     *
     * @param kernels launches of single kernels, those that were captured included
     * @param graphs launches of graphs
     */
    public record Launches(long kernels, long graphs) {}

    /** How much was launched; libraries launch kernels of their own, which nobody counts. */
    public synchronized Launches launches() {
        return new Launches(launcher.launches(), graphs.launches());
    }

    @Override
    public HostPool.Statistics memory() {
        return memory.statistics();
    }

    @Override
    public void resetPeak() {
        memory.resetPeak();
    }

    /** Waits for the device, then frees everything there, also what tensors still hold; once. */
    @Override
    public synchronized void close() {
        if (condition.close()) {
            closeParts();
        }
    }

    private void closeParts() {
        while (!parts.isEmpty()) {
            try {
                device.makeCurrent();
                parts.pop().close();
            } catch (Exception e) {
                // After a fault of the device every call fails; the driver frees all with the context.
                boolean lost = e instanceof CudaException fault && fault.losesContext();
                LOG.log(
                        lost ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        "closing the CUDA device: {0}",
                        e.getMessage());
            }
        }
    }
}
