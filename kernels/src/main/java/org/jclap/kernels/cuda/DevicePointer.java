package org.jclap.kernels.cuda;

import jcuda.driver.CUdeviceptr;

/** A device address that can be put into a parameter block; JCuda's own pointers keep theirs to themselves. */
final class DevicePointer extends CUdeviceptr {
    /** A pointer to nothing, for the driver to set. */
    DevicePointer() {}

    /** An address some bytes further on. */
    DevicePointer(DevicePointer base, long bytes) {
        super(base, bytes);
    }

    /** The address as the device counts. */
    long address() {
        return getNativePointer() + getByteOffset();
    }
}
