package org.jclap.tests.cuda;

import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tests.emulator.EmulatedDriver;
import org.junit.jupiter.api.Assumptions;

/** Opens the CUDA backend on the emulated device. */
final class Emulator {
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
}
