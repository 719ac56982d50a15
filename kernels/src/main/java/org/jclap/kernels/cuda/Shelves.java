package org.jclap.kernels.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jclap.kernels.cuda.DeviceMemory.Block;
import org.jspecify.annotations.Nullable;

/** Blocks of device memory that are free, by size. */
final class Shelves {
    private final Map<Long, Deque<Block>> bySize = new HashMap<>();
    private long bytes;
    private int count;

    /** A block of this size, or null. */
    @Nullable
    Block take(long size) {
        Deque<Block> shelf = bySize.get(size);
        if (shelf == null || shelf.isEmpty()) {
            return null;
        }
        bytes -= size;
        count--;
        return shelf.pop();
    }

    void put(Block block) {
        bytes += block.bytes();
        count++;
        bySize.computeIfAbsent(block.bytes(), _ -> new ArrayDeque<>()).push(block);
    }

    /** Hands over every block. */
    void drain(Consumer<Block> to) {
        bySize.values().forEach(shelf -> shelf.forEach(to));
        bySize.clear();
        bytes = 0;
        count = 0;
    }

    /** Of all blocks together. */
    long bytes() {
        return bytes;
    }

    /** How many blocks there are. */
    int count() {
        return count;
    }
}
