package org.jclap.kernels.cuda;

import java.util.function.Consumer;
import org.jclap.kernels.cuda.DeviceMemory.Block;
import org.jclap.tensor.Storage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;

/** Elements in device memory. */
final class CudaStorage extends Storage {
    private final Block block;
    private final Consumer<Block> home;

    /** Elements in a block, which goes home when they are not needed any more. */
    CudaStorage(DType dtype, int length, Block block, Consumer<Block> home) {
        super(dtype, length);
        this.block = block;
        this.home = home;
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
        home.accept(block);
    }
}
