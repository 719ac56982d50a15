package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.Replay;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Captures what is put into a stream as graphs, each of which the driver launches with one call: a step of some 2000
 * kernels takes microseconds of the host instead of milliseconds.
 *
 * <p>A graph runs with the parameters it was captured with. So everything that changes from launch to launch has to be read
 * from device memory: random state, learning rate, the batch; and its addresses have to stay, see {@link DeviceMemory}.
 */
final class Graphs implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Graphs.class.getName());

    private final Object lock;
    private final Condition condition;
    private final Device device;
    private final CudaStream stream;
    private final DeviceMemory memory;
    private final Faults faults;
    private final List<Graph> graphs = new ArrayList<>();
    private boolean capturing;
    /** Whether the log has said that something could not be captured. */
    private boolean refused;

    private long launches;

    /** For the stream that is used under this lock. */
    Graphs(Object lock, Condition condition, Device device, CudaStream stream, DeviceMemory memory, Faults faults) {
        this.lock = lock;
        this.condition = condition;
        this.device = device;
        this.stream = stream;
        this.memory = memory;
        this.faults = faults;
    }

    /** Whether work is being captured: it is not run, and nobody may wait for it. */
    boolean isCapturing() {
        return capturing;
    }

    /** How often graphs were launched. */
    long launches() {
        return launches;
    }

    /** What is asked for in {@code work}, as a graph; null, with a line in the log the first time, when it cannot be one. */
    @Nullable
    Replay capture(Supplier<List<Tensor>> work) {
        Graph graph = null;
        memory.graphOpened();
        try {
            graph = attempt(work);
            graphs.add(graph);
        } catch (CudaException | UserException e) {
            if (e instanceof CudaException failure && failure.losesContext()) {
                throw condition.failed(failure, "capture of a graph");
            }
            LOG.log(
                    refused ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                    "not captured as a CUDA graph, every op is launched by itself: {0}",
                    e.getMessage());
            refused = true;
        } finally {
            if (graph == null) {
                memory.graphClosed();
            }
        }
        return graph;
    }

    /** Again after each block for which there was no memory before the cache was freed. */
    private Graph attempt(Supplier<List<Tensor>> work) {
        for (; ; ) {
            try {
                return record(work);
            } catch (DeviceMemory.Missing e) {
                memory.reserve(e.bytes());
            }
        }
    }

    private Graph record(Supplier<List<Tensor>> work) {
        List<Tensor> outputs = new ArrayList<>();
        stream.beginCapture();
        boolean recorded = false;
        begin();
        try (Scope _ = Scope.open()) {
            work.get().forEach(output -> outputs.add(output.persistent()));
            recorded = true;
        } finally {
            end();
            if (!recorded) {
                abandon();
            }
        }
        try {
            return new Graph(instantiate(stream.endCapture()), List.copyOf(outputs));
        } catch (CudaException e) {
            outputs.forEach(Tensor::close);
            throw e;
        }
    }

    private void begin() {
        capturing = true;
        memory.capturing(true);
    }

    private void end() {
        capturing = false;
        memory.capturing(false);
    }

    /** Ends a capture whose graph nobody wants. */
    private void abandon() {
        CUgraph graph = new CUgraph();
        if (JCudaDriver.cuStreamEndCapture(stream.handle(), graph) == 0) {
            check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
    }

    private static CUgraphExec instantiate(CUgraph graph) {
        CUgraphExec executable = new CUgraphExec();
        try {
            check(JCudaDriver.cuGraphInstantiate(executable, graph, 0), "cuGraphInstantiate");
        } finally {
            check(JCudaDriver.cuGraphDestroy(graph), "cuGraphDestroy");
        }
        return executable;
    }

    /** What can be launched, and the tensors that launches write. */
    private final class Graph implements Replay {
        private final CUgraphExec executable;
        private final List<Tensor> outputs;

        Graph(CUgraphExec executable, List<Tensor> outputs) {
            this.executable = executable;
            this.outputs = outputs;
        }

        @Override
        public void run() {
            synchronized (lock) {
                condition.require();
                if (!graphs.contains(this)) {
                    throw new IllegalStateException("the graph was closed");
                }
                device.makeCurrent();
                try {
                    check(JCudaDriver.cuGraphLaunch(executable, stream.handle()), "cuGraphLaunch");
                } catch (CudaException e) {
                    throw condition.failed(e, "replay of a captured graph");
                }
                launches++;
                faults.expectMore();
            }
        }

        @Override
        public List<Tensor> outputs() {
            return outputs;
        }

        @Override
        public void close() {
            synchronized (lock) {
                if (graphs.remove(this)) {
                    device.makeCurrent();
                    outputs.forEach(Tensor::close);
                    memory.graphClosed();
                    check(JCudaDriver.cuGraphExecDestroy(executable), "cuGraphExecDestroy");
                }
            }
        }
    }

    @Override
    public void close() {
        List.copyOf(graphs).forEach(Graph::close);
    }
}
