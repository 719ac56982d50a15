package org.jclap.tensor.io;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.type.DType;

/** Little-endian bytes to host storages and back, in bulk. */
final class HostBytes {
    private static final int CHUNK_BYTES = 1 << 16;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private HostBytes() {}

    /** The {@code length} elements of a type that begin at byte {@code offset}. */
    static HostStorage read(MemorySegment source, long offset, DType dtype, int length) {
        HostStorage target = HostStorage.create(dtype, length);
        switch (dtype) {
            case F32 -> MemorySegment.copy(source, FLOAT, offset, target.floats(), 0, length);
            case F64 -> MemorySegment.copy(source, DOUBLE, offset, target.doubles(), 0, length);
            case F16, BF16 -> MemorySegment.copy(source, SHORT, offset, target.shorts(), 0, length);
            case I32 -> MemorySegment.copy(source, INT, offset, target.ints(), 0, length);
            case I64 -> MemorySegment.copy(source, LONG, offset, target.longs(), 0, length);
            case BOOL -> MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset, target.bytes(), 0, length);
        }
        return target;
    }

    /** Writes the elements {@code [from, from + length)}. */
    static void write(HostStorage source, int from, int length, OutputStream out) throws IOException {
        int bytes = source.dtype().bytes();
        byte[] chunk = new byte[CHUNK_BYTES];
        MemorySegment segment = MemorySegment.ofArray(chunk);
        int perChunk = CHUNK_BYTES / bytes;
        for (int done = 0; done < length; done += perChunk) {
            int count = Math.min(perChunk, length - done);
            int start = from + done;
            switch (source.dtype()) {
                case F32 -> MemorySegment.copy(source.floats(), start, segment, FLOAT, 0, count);
                case F64 -> MemorySegment.copy(source.doubles(), start, segment, DOUBLE, 0, count);
                case F16, BF16 -> MemorySegment.copy(source.shorts(), start, segment, SHORT, 0, count);
                case I32 -> MemorySegment.copy(source.ints(), start, segment, INT, 0, count);
                case I64 -> MemorySegment.copy(source.longs(), start, segment, LONG, 0, count);
                case BOOL -> MemorySegment.copy(source.bytes(), start, segment, ValueLayout.JAVA_BYTE, 0, count);
            }
            out.write(chunk, 0, count * bytes);
        }
    }
}
