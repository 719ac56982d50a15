package org.jclap.tensor;

import java.util.List;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;

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

    /** Computes every element of every output, and updates the inputs that {@link Op#mutates} names. */
    void run(Op op, List<Tensor> inputs, List<Tensor> outputs);

    /** Copies {@code length} elements of the same type from host memory. */
    void upload(HostStorage source, int sourceOffset, Storage target, int targetOffset, int length);

    /** Copies {@code length} elements of the same type to host memory, after everything that was asked for before. */
    void download(Storage source, int sourceOffset, HostStorage target, int targetOffset, int length);

    /** Counters of the memory that tensors hold here. */
    HostPool.Statistics memory();

    /** Starts a new measurement of {@link HostPool.Statistics#peakBytes}. */
    void resetPeak();

    /** Releases threads and memory; no tensor of this backend may be used afterwards. */
    @Override
    void close();
}
