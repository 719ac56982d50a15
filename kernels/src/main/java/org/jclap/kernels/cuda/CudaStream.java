package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUstream;
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
