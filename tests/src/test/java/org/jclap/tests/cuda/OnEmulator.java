package org.jclap.tests.cuda;

import org.jclap.kernels.cuda.CudaBackend;
import org.jclap.tensor.Backend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of which each has a backend of its own. Whatever happens in them, nothing may be left on the device. */
abstract class OnEmulator {
    Backend cuda;

    @BeforeEach
    final void open() {
        cuda = Emulator.open();
    }

    @AfterEach
    final void closeWithoutLeaks() {
        if (cuda != null) {
            Emulator.closeWithoutLeaks(cuda);
        }
    }

    final CudaBackend.Launches launches() {
        return ((CudaBackend) cuda).launches();
    }
}
