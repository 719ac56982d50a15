package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.HostStorage;

/**
 * Copies between Java arrays and the device by way of two page-locked pieces of memory: while the device copies one, the
 * host fills or empties the other. An upload returns when the array may change again, the device's copy following in the
 * order of the stream; a download waits for what was asked for before it.
 */
final class Staging implements AutoCloseable {
    private static final int PIECE = 4 << 20;

    private final CudaStream stream;
    private final Piece[] pieces = {new Piece(), new Piece()};

    Staging(CudaStream stream) {
        this.stream = stream;
    }

    /** Page-locked memory, and when the device is through with it. */
    private static final class Piece {
        final Pointer pointer = new Pointer();
        final CudaStream.Event copied = new CudaStream.Event();
        final MemorySegment memory;

        Piece() {
            check(JCudaDriver.cuMemAllocHost(pointer, PIECE), "cuMemAllocHost");
            memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, PIECE));
        }

        void close() {
            copied.close();
            check(JCudaDriver.cuMemFreeHost(pointer), "cuMemFreeHost");
        }
    }

    /** Copies {@code length} elements to an address of the device. */
    void upload(HostStorage source, int sourceOffset, DevicePointer start, int length) {
        int width = source.dtype().bytes();
        MemorySegment array = segment(source).asSlice((long) sourceOffset * width, (long) length * width);
        int turn = 0;
        for (long done = 0; done < array.byteSize(); done += PIECE, turn ^= 1) {
            long bytes = Math.min(PIECE, array.byteSize() - done);
            Piece piece = pieces[turn];
            piece.copied.synchronise();
            MemorySegment.copy(array, done, piece.memory, 0, bytes);
            check(
                    JCudaDriver.cuMemcpyHtoDAsync(
                            new DevicePointer(start, done), piece.pointer, bytes, stream.handle()),
                    "cuMemcpyHtoDAsync of %d bytes".formatted(bytes));
            piece.copied.record(stream);
        }
    }

    /** Copies {@code length} elements from the device. */
    void download(CudaStorage source, int sourceOffset, HostStorage target, int targetOffset, int length) {
        int width = source.dtype().bytes();
        MemorySegment array = segment(target).asSlice((long) targetOffset * width, (long) length * width);
        DevicePointer start = source.pointer(sourceOffset);
        request(start, 0, array.byteSize());
        for (long done = 0; done < array.byteSize(); done += PIECE) {
            request(start, done + PIECE, array.byteSize());
            Piece piece = piece(done);
            piece.copied.synchronise();
            MemorySegment.copy(piece.memory, 0, array, done, Math.min(PIECE, array.byteSize() - done));
        }
    }

    private Piece piece(long done) {
        return pieces[(int) (done / PIECE % 2)];
    }

    private void request(DevicePointer start, long done, long total) {
        long bytes = Math.min(PIECE, total - done);
        if (bytes > 0) {
            Piece piece = piece(done);
            check(
                    JCudaDriver.cuMemcpyDtoHAsync(
                            piece.pointer, new DevicePointer(start, done), bytes, stream.handle()),
                    "cuMemcpyDtoHAsync of %d bytes".formatted(bytes));
            piece.copied.record(stream);
        }
    }

    private static MemorySegment segment(HostStorage storage) {
        return switch (storage.dtype()) {
            case F32 -> MemorySegment.ofArray(storage.floats());
            case F64 -> MemorySegment.ofArray(storage.doubles());
            case F16, BF16 -> MemorySegment.ofArray(storage.shorts());
            case I32 -> MemorySegment.ofArray(storage.ints());
            case I64 -> MemorySegment.ofArray(storage.longs());
            case BOOL -> MemorySegment.ofArray(storage.bytes());
        };
    }

    @Override
    public void close() {
        for (Piece piece : pieces) {
            piece.close();
        }
    }
}
