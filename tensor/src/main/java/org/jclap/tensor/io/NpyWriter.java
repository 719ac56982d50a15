package org.jclap.tensor.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.DType;

/**
 * Writes a matrix to an {@code .npy} file row by row, when the number of rows is known only at the end. The file appears
 * under its name with {@link #commit}; closing without it leaves nothing behind.
 */
public final class NpyWriter implements AutoCloseable {
    /** Room for any row count, and the alignment that NumPy writes. */
    private static final int HEADER_BYTES = 128;

    private static final int PREFIX_BYTES = 10;

    private final Path target;
    private final Path temporary;
    private final FileChannel channel;
    private final OutputStream out;
    private final DType dtype;
    private final int columns;
    private long rows;

    /** Opens a temporary sibling of {@code target} for rows of {@code columns} F32 or F16 numbers. */
    public NpyWriter(Path target, DType dtype, int columns) {
        if (dtype != DType.F32 && dtype != DType.F16) {
            throw new IllegalArgumentException("an npy file is written as F32 or F16, not " + dtype);
        }
        this.target = target.toAbsolutePath();
        this.temporary = AtomicFile.temporarySibling(this.target);
        this.dtype = dtype;
        this.columns = columns;
        try {
            Files.createDirectories(this.target.getParent());
            channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING);
            channel.position(HEADER_BYTES);
            out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 20);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Adds whole rows, rounding to the type of the file. */
    public void append(float[] values) {
        if (values.length % columns != 0) {
            throw new IllegalArgumentException("%d values are not rows of %d".formatted(values.length, columns));
        }
        HostStorage elements = HostStorage.wrap(DType.F32, values, values.length);
        if (dtype == DType.F16) {
            HostStorage rounded = HostStorage.create(DType.F16, values.length);
            for (int i = 0; i < values.length; i++) {
                rounded.shorts()[i] = Float.floatToFloat16(values[i]);
            }
            elements = rounded;
        }
        try {
            HostBytes.write(elements, 0, values.length, out);
        } catch (IOException e) {
            throw failure(e);
        }
        rows += values.length / columns;
    }

    /** The rows so far. */
    public long rows() {
        return rows;
    }

    /** Completes the file and gives it its name. */
    public void commit() {
        try {
            out.flush();
            channel.write(ByteBuffer.wrap(header()), 0);
            channel.force(true);
            channel.close();
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private byte[] header() {
        String dict = "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }"
                .formatted(dtype == DType.F32 ? "<f4" : "<f2", rows, columns);
        String padded = dict + " ".repeat(HEADER_BYTES - PREFIX_BYTES - dict.length() - 1) + "\n";
        byte[] header = new byte[HEADER_BYTES];
        byte[] prefix = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) (HEADER_BYTES - PREFIX_BYTES), 0};
        System.arraycopy(prefix, 0, header, 0, PREFIX_BYTES);
        System.arraycopy(padded.getBytes(StandardCharsets.US_ASCII), 0, header, PREFIX_BYTES, padded.length());
        return header;
    }

    private UserException failure(IOException e) {
        return new UserException("cannot write " + target + ": " + AtomicFile.reason(e), e);
    }
}
