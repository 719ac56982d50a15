package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.Assumptions;

/** Opens the CUDA backend on the emulated device. */
final class Emulator {
    private static final long DEVICE_BYTES = 4L << 30;

    private Emulator() {}

    /** With kernels of our own alone, and tiles of the loss so small that there are several of them. */
    static Backend openWithoutLibraries() {
        System.setProperty("jclap.cuda.vendor", "false");
        System.setProperty("jclap.cuda.tile", "64");
        try {
            return open();
        } finally {
            System.clearProperty("jclap.cuda.tile");
            System.clearProperty("jclap.cuda.vendor");
        }
    }

    /** With all that there is. */
    static Backend open() {
        Assumptions.assumeTrue(EmulatedDriver.isAvailable(), "the CUDA tests need g++, with which they build a driver");
        EmulatedDriver.start();
        return Backends.open("cuda", 1);
    }

    /** Puts every knob back and closes a backend, after which nothing may be left on the device. */
    static void closeWithoutLeaks(Backend backend) {
        EmulatedDriver.recover();
        for (Knob failure : List.of(
                Knob.FAIL_LAUNCH,
                Knob.REJECT_LAUNCH,
                Knob.FAIL_COPY,
                Knob.FAIL_CAPTURE,
                Knob.FAIL_ALLOCATION,
                Knob.REJECT_PTX)) {
            EmulatedDriver.set(failure, 0);
        }
        EmulatedDriver.set(Knob.MEMORY_LIMIT, DEVICE_BYTES);
        EmulatedDriver.set(Knob.DEFERRED, 0);
        EmulatedDriver.set(Knob.SEED, 1);
        EmulatedDriver.set(Knob.COMPUTE, 90);
        backend.close();
        for (Knob counter : List.of(
                Knob.LIVE_BUFFERS,
                Knob.LIVE_BYTES,
                Knob.PINNED_BUFFERS,
                Knob.MODULES,
                Knob.STREAMS,
                Knob.EVENTS,
                Knob.GRAPHS)) {
            assertEquals(0, EmulatedDriver.get(counter), counter::name);
        }
    }
}
