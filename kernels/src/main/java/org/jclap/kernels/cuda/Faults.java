package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;

/**
 * What kernels find wrong with their inputs: {@code fault.cuh}. A kernel cannot throw, and to ask it after each launch would
 * cost the queue; so it leaves a word in device memory, and the host looks where it waits anyway.
 */
final class Faults implements AutoCloseable {
    /** Kinds of faults that are told apart: an op and the size of its table make one. */
    private static final int KINDS = 1023;

    private static final long BYTES = (KINDS + 1L) * Long.BYTES;
    private static final long NONE = -1;
    private static final String OF_ANY_KIND =
            "an op was given %d at position %d, which is beyond its table; --cuda-sync names it";

    private final CudaStream stream;
    private final DevicePointer words = new DevicePointer();
    /** What a word means, with a place for the value and one for its position; a captured graph relies on it. */
    private final Map<String, Integer> kinds = new LinkedHashMap<>();

    /** Whether something may have been reported since the host last looked. */
    private boolean expected;

    Faults(CudaStream stream) {
        this.stream = stream;
        check(JCudaDriver.cuMemAlloc(words, BYTES), "cuMemAlloc of %d bytes".formatted(BYTES));
        reset();
    }

    /** The address of the word for this message, as {@code "id %d at position %d"}, for the next launch. */
    long word(String message) {
        expected = true;
        Integer known = kinds.get(message);
        if (known == null) {
            known = kinds.size();
            if (known < KINDS) {
                kinds.put(message, known);
            }
        }
        return words.address() + (long) known * Long.BYTES;
    }

    /** Launches of a graph may report as those that it was captured from. */
    void expectMore() {
        expected |= !kinds.isEmpty();
    }

    /**
     * Waits for what was launched, if any of it may report.
     *
     * @throws IndexOutOfBoundsException for a fault that was found
     */
    void raise() {
        if (!expected) {
            return;
        }
        expected = false;
        stream.synchronise();
        long[] found = new long[KINDS + 1];
        check(JCudaDriver.cuMemcpyDtoH(Pointer.to(found), words, BYTES), "cuMemcpyDtoH of %d bytes".formatted(BYTES));
        kinds.forEach((message, word) -> raise(message, found[word]));
        raise(OF_ANY_KIND, found[KINDS]);
    }

    private void raise(String message, long found) {
        if (found != NONE) {
            reset();
            throw new IndexOutOfBoundsException(message.formatted((int) found, found >>> 32));
        }
    }

    private void reset() {
        check(
                JCudaDriver.cuMemsetD8Async(words, (byte) NONE, BYTES, stream.handle()),
                "cuMemsetD8Async of %d bytes".formatted(BYTES));
    }

    @Override
    public void close() {
        check(JCudaDriver.cuMemFree(words), "cuMemFree");
    }
}
