package org.jclap.tensor.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jclap.tensor.UserException;

/**
 * Writes a file so that a reader sees the old content or the new one, never a part.
 *
 * <p>The bytes go to a temporary sibling, are forced to the disk, and the sibling is renamed over the target. A full
 * disk, an exception or a killed process leaves the previous file as it was.
 */
public final class AtomicFile {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final AtomicLong WRITES = new AtomicLong();

    private AtomicFile() {}

    /** Writes the content of a file. */
    @FunctionalInterface
    public interface Content {
        /** Writes all bytes to {@code out}, which the caller closes. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Replaces {@code target} by what {@code content} writes; parent directories are created.
     *
     * @throws UserException naming the file and the reason, when it cannot be written
     */
    public static void write(Path target, Content content) {
        Path absolute = target.toAbsolutePath();
        Path temporary = temporarySibling(absolute);
        try {
            Files.createDirectories(absolute.getParent());
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
                content.writeTo(out);
                out.flush();
                channel.force(true);
            }
            Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserException("cannot write " + target + ": " + reason(e), e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /** Why a file could not be written: the messages of some exceptions are bare paths. */
    public static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException exists -> exists.getFile() + " is not a directory";
            case AccessDeniedException denied -> "no permission for " + denied.getFile();
            case FileSystemException system
            when system.getReason() != null ->
                system.getFile() + ": " + system.getReason().toLowerCase(Locale.ROOT);
            default -> String.valueOf(e.getMessage());
        };
    }

    /** A hidden name beside the target, so that the rename stays within one file system; no two writers share one. */
    static Path temporarySibling(Path target) {
        String name = ".%s.%d-%d.tmp"
                .formatted(target.getFileName(), ProcessHandle.current().pid(), WRITES.incrementAndGet());
        return target.resolveSibling(name);
    }

    /** After a success the temporary file is gone already; after a failure its removal is a courtesy. */
    private static void deleteQuietly(Path temporary) {
        try {
            // Asked first: where the directory is missing too, deleting is an error.
            if (Files.exists(temporary)) {
                Files.delete(temporary);
            }
        } catch (IOException e) {
            System.getLogger(AtomicFile.class.getName())
                    .log(System.Logger.Level.WARNING, "left behind {0}: {1}", temporary, e.getMessage());
        }
    }
}
