package org.jclap.kernels.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jclap.kernels.cuda.CudaStream.Event;
import org.jclap.kernels.cuda.DeviceMemory.Block;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Storage;
import org.jclap.tensor.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * Brings batches to the device on a stream of its own, while kernels run on the other. Its blocks go back and forth between
 * both streams, each of which waits, on the device, for the other to be through with a block:
 *
 * <pre>
 *   copies     ... free  | copy | arrived
 *   kernels                               arrived | read, read | free ...
 * </pre>
 *
 * <p>Blocks that came back are kept for the next batches, so that a copy waits for the last use of its own block and for no
 * more; when nothing is on its way any longer, they go back to the memory that all share.
 */
final class CopyLane implements AutoCloseable {
    /** Blocks that are kept: those of two batches. */
    private static final int MOST_IDLE = 8;

    private final Object lock;
    private final Condition condition;
    private final Device device;
    private final CudaStream kernels;
    private final BooleanSupplier capturing;
    private final CudaStream copies = new CudaStream();
    private final DeviceMemory memory;
    private final Staging staging = new Staging(copies);
    /** The one that came back longest ago first. */
    private final Deque<Parcel> idle = new ArrayDeque<>();

    /** Those that came back while the stream of kernels was captured, where no event can be recorded. */
    private final List<Parcel> unmarked = new ArrayList<>();

    private final Set<Parcel> all = Collections.newSetFromMap(new IdentityHashMap<>());
    private int away;

    /** For a stream of kernels that is used under this lock, and may be captured for a while. */
    CopyLane(
            Object lock,
            Condition condition,
            Device device,
            CudaStream kernels,
            DeviceMemory memory,
            BooleanSupplier capturing) {
        this.lock = lock;
        this.condition = condition;
        this.device = device;
        this.kernels = kernels;
        this.memory = memory;
        this.capturing = capturing;
    }

    /** A block, and how far both streams are with it. */
    private static final class Parcel {
        private final Block block;
        private final Event arrived = new Event();
        private final Event free = new Event();

        private Parcel(Block block) {
            this.block = block;
        }

        private void close() {
            arrived.close();
            free.close();
        }
    }

    /** Begins to copy elements; the array may change when this returns. By any thread. */
    Transfer transfer(HostStorage source) {
        Delivery delivery = new Delivery(
                source,
                open(DeviceMemory.sizeClass(
                        (long) source.length() * source.dtype().bytes())));
        try {
            send(source, delivery.parcel);
            return delivery;
        } catch (RuntimeException e) {
            try {
                delivery.close();
            } catch (CudaException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private Parcel open(long size) {
        synchronized (lock) {
            condition.require();
            if (capturing.getAsBoolean()) {
                throw CudaException.inCapture("transfer of %d bytes".formatted(size));
            }
            device.makeCurrent();
            markAll();
            Parcel parcel = takeIdle(size);
            if (parcel == null) {
                parcel = new Parcel(memory.allocate(size));
                all.add(parcel);
                parcel.free.record(kernels);
            }
            away++;
            return parcel;
        }
    }

    private @Nullable Parcel takeIdle(long size) {
        for (Iterator<Parcel> all = idle.iterator(); all.hasNext(); ) {
            Parcel parcel = all.next();
            if (parcel.block.bytes() == size) {
                all.remove();
                return parcel;
            }
        }
        return null;
    }

    /** What was sent. */
    private final class Delivery implements Transfer {
        private final HostStorage source;
        private final Parcel parcel;
        private boolean taken;

        Delivery(HostStorage source, Parcel parcel) {
            this.source = source;
            this.parcel = parcel;
        }

        /** From now on kernels find the elements. */
        @Override
        public Storage take() {
            synchronized (lock) {
                condition.require();
                device.makeCurrent();
                try {
                    kernels.await(parcel.arrived);
                } catch (CudaException e) {
                    throw condition.failed(e, "transfer of %d x %s".formatted(source.length(), source.dtype()));
                }
                taken = true;
                return new CudaStorage(source.dtype(), source.length(), parcel.block, _ -> giveBack(parcel));
            }
        }

        /** Once the device is gone, so is what was sent. */
        @Override
        public void close() {
            synchronized (lock) {
                if (!taken && !condition.isOver()) {
                    take();
                    giveBack(parcel);
                }
            }
        }
    }

    /** Kernels that were launched before may still read it. */
    private void giveBack(Parcel parcel) {
        synchronized (lock) {
            if (all.contains(parcel)) { // otherwise the backend was closed first
                away--;
                unmarked.add(parcel);
                if (!capturing.getAsBoolean()) {
                    device.makeCurrent();
                    markAll();
                }
            }
        }
    }

    private void markAll() {
        for (Parcel parcel : unmarked) {
            parcel.free.record(kernels);
            idle.add(parcel);
        }
        unmarked.clear();
        while (idle.size() > (away == 0 ? 0 : MOST_IDLE)) {
            Parcel oldest = idle.remove();
            all.remove(oldest);
            oldest.close();
            memory.recycle(oldest.block);
        }
    }

    private void send(HostStorage source, Parcel parcel) {
        synchronized (staging) {
            condition.require(); // otherwise the page-locked memory may be gone
            try {
                copies.await(parcel.free);
                staging.upload(source, 0, parcel.block.pointer(), source.length());
            } finally {
                parcel.arrived.record(copies);
            }
        }
    }

    /** Another thread may be sending a batch. */
    @Override
    public void close() {
        synchronized (staging) {
            try {
                copies.synchronise();
            } finally {
                all.forEach(Parcel::close);
                all.clear();
                staging.close();
                copies.close();
            }
        }
    }
}
