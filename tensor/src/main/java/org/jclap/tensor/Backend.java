package org.jclap.tensor;

import java.util.List;
import java.util.function.Supplier;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/**
 * What computes ops. Shapes and types have been checked and outputs allocated when {@link #run} is called; inputs and
 * outputs are contiguous, row-major, and begin at {@link Tensor#offset} of their storage.
 */
public interface Backend extends AutoCloseable {
    /** The name by which a user asks for it: {@code cuda}, {@code vector}, {@code reference}. */
    String name();

    /** One line about the hardware and how it is used. */
    String description();

    /** A storage with undefined content. */
    Storage allocate(DType dtype, int length);

    /** Where a new tensor with so many elements begins in a storage of its own. */
    default int firstElement(DType dtype, int elements) {
        return 0;
    }

    /** Computes every element of every output, and updates the inputs that {@link Op#mutates} names. */
    void run(Op op, List<Tensor> inputs, List<Tensor> outputs);

    /** Copies {@code length} elements of the same type from host memory. */
    void upload(HostStorage source, int sourceOffset, Storage target, int targetOffset, int length);

    /**
     * Begins to bring all elements to this backend, ahead of their use and, where it can, while it computes; {@link Prefetch}
     * makes a tensor of them. May be called by any thread; the source must not change before {@link Transfer#take}.
     */
    default Transfer transfer(HostStorage source) {
        return new Transfer() {
            @Override
            public Storage take() {
                Storage target = allocate(source.dtype(), source.length());
                upload(source, 0, target, 0, source.length());
                return target;
            }

            @Override
            public void close() {}
        };
    }

    /** Copies {@code length} elements of the same type to host memory, after everything that was asked for before. */
    void download(Storage source, int sourceOffset, HostStorage target, int targetOffset, int length);

    /** Whether work may be captured here. */
    default boolean canCapture() {
        return false;
    }

    /**
     * Records what is asked for in {@code work}, to be repeated at little cost; null where that cannot be. The work is run to see what it asks for, but has no effect on the device before {@link Replay#run}; what it
     * makes in between is its own, what it returns belongs to the replay. Calls of other threads wait. {@link RepeatedWork}
     * says what such work must keep to.
     */
    default @Nullable Replay capture(Supplier<List<Tensor>> work) {
        return null;
    }

    /** Counters of the memory that tensors hold here. */
    HostPool.Statistics memory();

    /** Starts a new measurement of {@link HostPool.Statistics#peakBytes}. */
    void resetPeak();

    /** Releases threads and memory; no tensor of this backend may be used afterwards. */
    @Override
    void close();
}
