package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.HostPool;
import org.jclap.tensor.UserException;

/**
 * Device memory by size class. What is given back is handed out again without asking the driver, so a step in steady state
 * allocates nothing. A block may be reused while kernels that read it are still queued: all work on blocks goes through one
 * stream, so its new content comes after them.
 *
 * <p>Size classes are a quarter of a power of two apart, which bounds the waste at 25 %. With {@code -Djclap.poison=true}
 * blocks are exactly as long as was asked for and full of NaN, so that an access behind the end, or an element that was
 * never written, shows.
 */
final class DeviceMemory implements AutoCloseable {
    private static final long SMALLEST = 512;
    private static final boolean POISON = Boolean.getBoolean("jclap.poison");

    private final Device device;
    private final CudaStream stream;
    private final long limit;
    private final Map<Long, Deque<Block>> free = new HashMap<>();
    private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long liveBytes;
    private long cachedBytes;
    private long peakBytes;
    private long created;

    /** Memory that may hold {@code limit} bytes, 0 for as many as the device has. */
    DeviceMemory(Device device, CudaStream stream, long limit) {
        this.device = device;
        this.stream = stream;
        this.limit = limit == 0 ? Long.MAX_VALUE : limit;
    }

    /** A piece of device memory. */
    record Block(DevicePointer pointer, long bytes) {}

    /**
     * A block of at least that many bytes, with undefined content.
     *
     * @throws UserException when there is no memory left, even after the cache was freed
     */
    synchronized Block allocate(long bytes) {
        long size = sizeClass(bytes);
        Deque<Block> shelf = free.get(size);
        Block block = shelf == null || shelf.isEmpty() ? create(size) : takeFrom(shelf);
        live.add(block);
        liveBytes += size;
        peakBytes = Math.max(peakBytes, liveBytes);
        if (POISON) {
            check(JCudaDriver.cuMemsetD8Async(block.pointer, (byte) 0xFF, size, stream.handle()), "cuMemsetD8Async");
        }
        return block;
    }

    /** Memory for results in between, until it is closed. */
    Workspace workspace(long bytes) {
        return new Workspace(this, allocate(bytes));
    }

    /** A block that is given back when the launches that use it have been queued. */
    record Workspace(DeviceMemory memory, Block block) implements AutoCloseable {
        long address() {
            return block.pointer.address();
        }

        @Override
        public void close() {
            memory.recycle(block);
        }
    }

    private Block takeFrom(Deque<Block> shelf) {
        Block block = shelf.pop();
        cachedBytes -= block.bytes;
        return block;
    }

    private static long sizeClass(long bytes) {
        if (POISON) {
            return Math.max(1, bytes);
        }
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) >>> 2);
        return (bytes + step - 1) / step * step;
    }

    private Block create(long size) {
        DevicePointer pointer = new DevicePointer();
        if (!tryCreate(pointer, size)) {
            trim();
            if (!tryCreate(pointer, size)) {
                throw exhausted(size);
            }
        }
        created++;
        return new Block(pointer, size);
    }

    private boolean tryCreate(DevicePointer pointer, long size) {
        if (size > limit - liveBytes - cachedBytes) {
            return false;
        }
        int status = JCudaDriver.cuMemAlloc(pointer, size);
        if (status == jcuda.driver.CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            return false;
        }
        check(status, "cuMemAlloc of %d bytes".formatted(size));
        return true;
    }

    private UserException exhausted(long size) {
        Device.Memory memory = device.memory();
        Map<Long, Long> sizes = live.stream()
                .collect(Collectors.groupingBy(
                        Block::bytes, () -> new TreeMap<>(Collections.reverseOrder()), Collectors.counting()));
        String largest = sizes.entrySet().stream()
                .limit(3)
                .map(e -> "%d x %s".formatted(e.getValue(), mebibytes(e.getKey())))
                .collect(Collectors.joining(", "));
        String bound =
                limit == Long.MAX_VALUE ? "" : ", limited to %s by jclap.cuda.memory".formatted(mebibytes(limit));
        return new UserException(
                ("out of device memory: asked for %s; tensors hold %s in %d buffers (largest: %s)%s; of the device's %s,"
                                + " other programs, libraries and the context hold %s. Try a smaller batch, gradient"
                                + " checkpointing, mixed precision, or end other programs on the device")
                        .formatted(
                                mebibytes(size),
                                mebibytes(liveBytes),
                                live.size(),
                                largest.isEmpty() ? "none" : largest,
                                bound,
                                mebibytes(memory.total()),
                                mebibytes(memory.total() - memory.free() - liveBytes)));
    }

    private static String mebibytes(long bytes) {
        return "%.1f MiB".formatted(bytes / 0x1p20);
    }

    /** Takes a block back; work that was queued before may still use it. */
    synchronized void recycle(Block block) {
        if (!live.remove(block)) {
            return; // the backend was closed first, which has freed it
        }
        liveBytes -= block.bytes;
        cachedBytes += block.bytes;
        free.computeIfAbsent(block.bytes, _ -> new ArrayDeque<>()).push(block);
    }

    /** Gives the cache back to the driver. */
    synchronized void trim() {
        free.values().forEach(shelf -> shelf.forEach(DeviceMemory::free));
        free.clear();
        cachedBytes = 0;
    }

    private static void free(Block block) {
        check(JCudaDriver.cuMemFree(block.pointer), "cuMemFree");
    }

    synchronized HostPool.Statistics statistics() {
        return new HostPool.Statistics(live.size(), liveBytes, peakBytes, created);
    }

    synchronized void resetPeak() {
        peakBytes = liveBytes;
    }

    /** Frees everything, also what tensors still hold. */
    @Override
    public synchronized void close() {
        trim();
        live.forEach(DeviceMemory::free);
        live.clear();
        liveBytes = 0;
    }
}
