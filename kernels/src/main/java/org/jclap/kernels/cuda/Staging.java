package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.HostStorage;

/**
 * Copies between Java arrays and the device by way of page-locked memory. Two large pieces take turns: while the device
 * copies one, the host fills or empties the other. A ring of small pieces takes the few numbers that a step uploads, so that
 * the host can be some steps ahead. An upload returns when the array may change again, the device's copy following in the
 * order of the stream; a download waits for what was asked for before it.
 */
final class Staging implements AutoCloseable {
    private static final int PIECE = 4 << 20;
    private static final int SMALL_PIECE = 16 << 10;
    private static final int SMALL_PIECES = 32;

    private final CudaStream stream;
    private final Pointer locked = new Pointer();
    private final Piece[] pieces = new Piece[2];
    private final Piece[] ring = new Piece[SMALL_PIECES];
    private int next;

    Staging(CudaStream stream) {
        this.stream = stream;
        long bytes = (long) pieces.length * PIECE + (long) ring.length * SMALL_PIECE;
        check(JCudaDriver.cuMemAllocHost(locked, bytes), "cuMemAllocHost of %d bytes".formatted(bytes));
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = new Piece(locked, (long) i * PIECE, PIECE);
        }
        for (int i = 0; i < ring.length; i++) {
            ring[i] = new Piece(locked, (long) pieces.length * PIECE + (long) i * SMALL_PIECE, SMALL_PIECE);
        }
    }

    /** A part of page-locked memory, and when the device is through with it. */
    private static final class Piece {
        final CudaStream.Event copied = new CudaStream.Event();
        final Pointer pointer;
        final MemorySegment memory;

        Piece(Pointer locked, long offset, int bytes) {
            pointer = locked.withByteOffset(offset);
            memory = MemorySegment.ofBuffer(locked.getByteBuffer(offset, bytes));
        }
    }

    /** Copies {@code length} elements to an address of the device. */
    void upload(HostStorage source, int sourceOffset, DevicePointer start, int length) {
        int width = source.dtype().bytes();
        MemorySegment array = segment(source).asSlice((long) sourceOffset * width, (long) length * width);
        if (array.byteSize() <= SMALL_PIECE) {
            next = (next + 1) % ring.length;
            send(array, 0, start, ring[next]);
            return;
        }
        for (long done = 0; done < array.byteSize(); done += PIECE) {
            send(array, done, start, piece(done));
        }
    }

    /** Sends as much from {@code done} on as a piece holds. */
    private void send(MemorySegment array, long done, DevicePointer start, Piece piece) {
        long bytes = Math.min(piece.memory.byteSize(), array.byteSize() - done);
        if (bytes > 0) {
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
            piece.copied.close();
        }
        for (Piece piece : ring) {
            piece.copied.close();
        }
        check(JCudaDriver.cuMemFreeHost(locked), "cuMemFreeHost");
    }
}
