package org.jclap.kernels.cuda;

import org.jclap.tensor.Storage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;

/** Elements in device memory. */
final class CudaStorage extends Storage {
    private final DeviceMemory memory;
    private final DeviceMemory.Block block;

    CudaStorage(DType dtype, int length, DeviceMemory memory) {
        super(dtype, length);
        this.memory = memory;
        this.block = memory.allocate((long) length * dtype.bytes());
    }

    /** Where element {@code index} is. */
    DevicePointer pointer(int index) {
        return new DevicePointer(block.pointer(), (long) index * dtype().bytes());
    }

    /** Where a tensor's first element is, for calls that take JCuda's pointers. */
    static DevicePointer pointer(Tensor tensor) {
        return ((CudaStorage) tensor.storage()).pointer(tensor.offset());
    }

    /** The device address of a tensor's first element. */
    static long address(Tensor tensor) {
        CudaStorage storage = (CudaStorage) tensor.storage();
        return storage.block.pointer().address()
                + (long) tensor.offset() * tensor.dtype().bytes();
    }

    @Override
    protected void free() {
        memory.recycle(block);
    }
}
