package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.HostPool;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * Device memory by size class. What is given back is handed out again without asking the driver, so a step in steady state
 * allocates nothing. A block may be reused while kernels that read it are still queued: all work on blocks goes through one
 * stream, so its new content comes after them.
 *
 * <p>Size classes are a quarter of a power of two apart, which bounds the waste at 25 %. With {@code -Djclap.poison=true}
 * blocks are exactly as long as was asked for and full of NaN, so that an access behind the end, or an element that was
 * never written, shows.
 *
 * <p>A captured graph runs on the memory that it was recorded with, whatever has become of the tensors. So while work is
 * captured, blocks are taken for graphs and come back to a reserve of theirs: nobody else gets them before the last graph is
 * gone. Graphs share the reserve, as they run one after another in the same stream.
 */
final class DeviceMemory implements AutoCloseable {
    private static final long SMALLEST = 512;
    private static final boolean POISON = Boolean.getBoolean("jclap.poison");

    private final Device device;
    private final CudaStream stream;
    private final long limit;
    private final Shelves free = new Shelves();
    private final Shelves reserve = new Shelves();
    private final Set<Block> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private long liveBytes;
    private long peakBytes;
    private long created;
    private int graphs;
    private boolean capturing;

    /** Memory that may hold {@code limit} bytes, 0 for as many as the device has. */
    DeviceMemory(Device device, CudaStream stream, long limit) {
        this.device = device;
        this.stream = stream;
        this.limit = limit == 0 ? Long.MAX_VALUE : limit;
    }

    /** A piece of device memory. */
    static final class Block {
        private final DevicePointer pointer;
        private final long bytes;
        /** Whether a graph may use it. */
        private boolean captured;

        private Block(DevicePointer pointer, long bytes) {
            this.pointer = pointer;
            this.bytes = bytes;
        }

        DevicePointer pointer() {
            return pointer;
        }

        long bytes() {
            return bytes;
        }
    }

    /** There is no memory for a block, and nothing can be freed while work is captured. */
    static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final long bytes;

        Missing(long bytes) {
            super("no memory is left for a block of %d bytes, and none can be freed while work is captured"
                    .formatted(bytes));
            this.bytes = bytes;
        }

        long bytes() {
            return bytes;
        }
    }

    /**
     * A block of at least that many bytes, with undefined content.
     *
     * @throws UserException when there is no memory left, even after the cache was freed
     * @throws Missing when there is none left while work is captured
     */
    synchronized Block allocate(long bytes) {
        long size = sizeClass(bytes);
        Block block = capturing ? takeForGraph(size) : free.take(size);
        if (block == null) {
            block = create(size);
        }
        block.captured |= capturing;
        live.add(block);
        liveBytes += size;
        peakBytes = Math.max(peakBytes, heldBytes());
        if (POISON) {
            check(JCudaDriver.cuMemsetD8Async(block.pointer, (byte) 0xFF, size, stream.handle()), "cuMemsetD8Async");
        }
        return block;
    }

    private @Nullable Block takeForGraph(long size) {
        Block block = reserve.take(size);
        return block == null ? free.take(size) : block;
    }

    /** What tensors and graphs hold. */
    private long heldBytes() {
        return liveBytes + reserve.bytes();
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

    /** What a block for that many bytes has. */
    static long sizeClass(long bytes) {
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
            if (capturing) {
                throw new Missing(size);
            }
            trim();
            if (!tryCreate(pointer, size)) {
                throw exhausted(size);
            }
        }
        created++;
        return new Block(pointer, size);
    }

    private boolean tryCreate(DevicePointer pointer, long size) {
        if (size > limit - heldBytes() - free.bytes()) {
            return false;
        }
        int status = capturing
                ? CudaStream.whileCapturing(() -> JCudaDriver.cuMemAlloc(pointer, size))
                : JCudaDriver.cuMemAlloc(pointer, size);
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
        String ofGraphs = graphs == 0
                ? ""
                : "; captured graphs hold %s, which --no-cuda-graph avoids".formatted(mebibytes(heldByGraphs()));
        String bound =
                limit == Long.MAX_VALUE ? "" : ", limited to %s by jclap.cuda.memory".formatted(mebibytes(limit));
        return new UserException(
                ("out of device memory: asked for %s; tensors hold %s in %d buffers (largest: %s)%s%s; of the device's %s,"
                                + " other programs, libraries and the context hold %s. Try a smaller batch, gradient"
                                + " checkpointing, mixed precision, or end other programs on the device")
                        .formatted(
                                mebibytes(size),
                                mebibytes(liveBytes),
                                live.size(),
                                largest.isEmpty() ? "none" : largest,
                                bound,
                                ofGraphs,
                                mebibytes(memory.total()),
                                mebibytes(memory.total() - memory.free() - heldBytes())));
    }

    private long heldByGraphs() {
        return reserve.bytes()
                + live.stream()
                        .filter(block -> block.captured)
                        .mapToLong(Block::bytes)
                        .sum();
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
        block.captured |= capturing;
        if (block.captured && graphs > 0) {
            reserve.put(block);
        } else {
            free.put(block);
        }
    }

    /** Gives the cache back to the driver. */
    synchronized void trim() {
        free.drain(DeviceMemory::free);
    }

    // ---------------------------------------------------------------------------------------------- graphs

    /** One more graph holds on to the reserve, until {@link #graphClosed}. */
    synchronized void graphOpened() {
        graphs++;
    }

    /** Whether what is allocated and given back from now on is used by a graph. */
    synchronized void capturing(boolean on) {
        capturing = on;
    }

    /** Makes a block that a capture found {@link Missing}, now that the cache can be freed for it. */
    synchronized void reserve(long bytes) {
        reserve.put(create(bytes));
    }

    /** Without graphs, the reserve is memory like any other. */
    synchronized void graphClosed() {
        if (--graphs == 0) {
            reserve.drain(block -> {
                block.captured = false;
                free.put(block);
            });
        }
    }

    // ---------------------------------------------------------------------------------------------- statistics, end

    private static void free(Block block) {
        check(JCudaDriver.cuMemFree(block.pointer), "cuMemFree");
    }

    /** What graphs reserve counts as live. */
    synchronized HostPool.Statistics statistics() {
        return new HostPool.Statistics(live.size() + reserve.count(), heldBytes(), peakBytes, created);
    }

    synchronized void resetPeak() {
        peakBytes = heldBytes();
    }

    /** Frees everything, also what tensors still hold. */
    @Override
    public synchronized void close() {
        trim();
        reserve.drain(DeviceMemory::free);
        live.forEach(DeviceMemory::free);
        live.clear();
        liveBytes = 0;
    }
}
