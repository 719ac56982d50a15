package org.jclap.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Finds the PTX of a family: what is committed with its source; or, when the source was changed since, what NVRTC makes of
 * it, kept in the user's cache. The driver compiles PTX for its very device, and keeps that in a cache of its own.
 */
final class Ptx {
    private static final System.Logger LOG = System.getLogger(Ptx.class.getName());

    /** For which PTX is committed, oldest first, where it differs from that for the one before. */
    static final List<Integer> ARCHITECTURES = List.of(75, 80, 90);

    private Ptx() {}

    /**
     * PTX that a device of this compute capability (times 10) runs: made for it or for an older one.
     *
     * @throws UserException when it has to be made, and there is no compiler or an error in the source
     */
    static String of(KernelSource source, int compute) {
        List<Integer> usable = ARCHITECTURES.reversed().stream()
                .filter(architecture -> architecture <= compute)
                .toList();
        return usable.stream()
                .map(source::ptx)
                .filter(source::isSourceOf)
                .findFirst()
                .orElseGet(() -> compiled(source, usable.getFirst(), UserCache.folder()));
    }

    /** From the cache, or made anew. */
    static String compiled(KernelSource source, int architecture, Path cache) {
        Path file = cache.resolve(source.ptxPath(architecture));
        String cached = read(file);
        if (cached != null && source.isSourceOf(cached)) {
            return cached;
        }
        String missing = Nvrtc.obstacle();
        if (missing != null) {
            throw new UserException(
                    ("the PTX of %s.cu was made from other sources, and there is no compiler (%s): install"
                                    + " NVRTC 12, or './mvnw -Pptx -pl kernels -am process-classes' makes the PTX anew")
                            .formatted(source.family().file(), missing));
        }
        String ptx = source.header() + Nvrtc.ptx(source, architecture);
        try {
            AtomicFile.write(file, out -> out.write(ptx.getBytes(StandardCharsets.UTF_8)));
        } catch (UserException e) {
            LOG.log(System.Logger.Level.INFO, "compiled kernels are not kept: {0}", e.getMessage());
        }
        return ptx;
    }

    /** The text of a file; null when there is none. */
    static @Nullable String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : null;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
