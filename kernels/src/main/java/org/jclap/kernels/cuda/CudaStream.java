package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.function.IntSupplier;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUgraph;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A queue of work on the device: what is put into it runs in that order. */
final class CudaStream implements AutoCloseable {
    private final CUstream stream = new CUstream();

    CudaStream() {
        check(JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
    }

    /** JCuda's handle. */
    CUstream handle() {
        return stream;
    }

    /** Waits until everything that was put in has run. */
    void synchronise() {
        check(JCudaDriver.cuStreamSynchronize(stream), "cuStreamSynchronize");
    }

    /**
     * Does not wait.
     *
     * @throws CudaException when something that was put in has ended the device's context
     */
    void requireSound() {
        int status = JCudaDriver.cuStreamQuery(stream);
        if (status != CUresult.CUDA_ERROR_NOT_READY) {
            check(status, "cuStreamQuery");
        }
    }

    /** What is put in from now on waits, on the device, until an event has come. */
    void await(Event event) {
        check(JCudaDriver.cuStreamWaitEvent(stream, event.event, 0), "cuStreamWaitEvent");
    }

    /** The end of what it holds now. */
    Event mark() {
        Event mark = new Event();
        try {
            mark.record(this);
            return mark;
        } catch (CudaException e) {
            JCudaDriver.cuEventDestroy(mark.event);
            throw e;
        }
    }

    /** From now on what this thread puts in is kept for a graph; it may neither allocate nor wait until {@link #endCapture}. */
    void beginCapture() {
        check(
                JCudaDriver.cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
                "cuStreamBeginCapture");
    }

    /** A call that allocates and does not wait: the driver allows it while this thread captures, if told that it is meant. */
    static int whileCapturing(IntSupplier call) {
        int[] mode = {CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED};
        check(JCudaDriver.cuThreadExchangeStreamCaptureMode(mode), "cuThreadExchangeStreamCaptureMode");
        try {
            return call.getAsInt();
        } finally {
            check(JCudaDriver.cuThreadExchangeStreamCaptureMode(mode), "cuThreadExchangeStreamCaptureMode");
        }
    }

    /** What was put in since {@link #beginCapture}; the stream is as before, also after a failure. */
    CUgraph endCapture() {
        CUgraph graph = new CUgraph();
        check(JCudaDriver.cuStreamEndCapture(stream, graph), "cuStreamEndCapture");
        return graph;
    }

    @Override
    public void close() {
        check(JCudaDriver.cuStreamDestroy(stream), "cuStreamDestroy");
    }

    /** A place in a stream that the host or other streams can wait for. */
    static final class Event implements AutoCloseable {
        private final CUevent event = new CUevent();

        Event() {
            check(JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING), "cuEventCreate");
        }

        /** Marks the end of what the stream holds now. */
        void record(CudaStream stream) {
            check(JCudaDriver.cuEventRecord(event, stream.stream), "cuEventRecord");
        }

        /** Waits until the stream has come to the mark; at once when there is none. */
        void synchronise() {
            check(JCudaDriver.cuEventSynchronize(event), "cuEventSynchronize");
        }

        @Override
        public void close() {
            check(JCudaDriver.cuEventDestroy(event), "cuEventDestroy");
        }
    }
}
