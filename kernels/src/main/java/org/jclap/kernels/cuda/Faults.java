package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.ArrayList;
import java.util.List;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * What kernels find wrong with their inputs: {@code fault.cuh}. A kernel cannot throw, and to ask it after each launch would
 * cost the queue; so it leaves a word in device memory, and the host looks where it waits anyway.
 */
final class Faults implements AutoCloseable {
    private static final int WORDS = 64;
    private static final long BYTES = (long) WORDS * Long.BYTES;
    private static final long NONE = -1;

    private final CudaStream stream;
    /** What a word means, with a place for the value and one for its position. */
    private final List<String> messages = new ArrayList<>();

    /** The words, from the first launch on that may report. */
    private @Nullable DevicePointer words;

    private boolean armed;

    Faults(CudaStream stream) {
        this.stream = stream;
    }

    /** The address of the word for this message, as {@code "id %d at position %d"}, for the next launch. */
    long word(String message) {
        if (words == null) {
            DevicePointer pointer = new DevicePointer();
            check(JCudaDriver.cuMemAlloc(pointer, BYTES), "cuMemAlloc of %d bytes".formatted(BYTES));
            words = pointer;
            reset(pointer);
        }
        if (messages.size() == WORDS && !messages.contains(message)) {
            raise();
            messages.clear();
        }
        if (!messages.contains(message)) {
            messages.add(message);
        }
        armed = true;
        return words.address() + (long) messages.indexOf(message) * Long.BYTES;
    }

    /**
     * Waits for what was launched, if any of it may report.
     *
     * @throws IndexOutOfBoundsException for a fault that was found
     */
    void raise() {
        if (!armed || words == null) {
            return;
        }
        armed = false;
        stream.synchronise();
        long[] found = new long[WORDS];
        check(JCudaDriver.cuMemcpyDtoH(Pointer.to(found), words, BYTES), "cuMemcpyDtoH of %d bytes".formatted(BYTES));
        for (int i = 0; i < messages.size(); i++) {
            if (found[i] != NONE) {
                reset(words);
                throw new IndexOutOfBoundsException(messages.get(i).formatted((int) found[i], found[i] >>> 32));
            }
        }
    }

    private void reset(DevicePointer pointer) {
        check(
                JCudaDriver.cuMemsetD8Async(pointer, (byte) NONE, BYTES, stream.handle()),
                "cuMemsetD8Async of %d bytes".formatted(BYTES));
    }

    @Override
    public void close() {
        if (words != null) {
            check(JCudaDriver.cuMemFree(words), "cuMemFree");
        }
    }
}
