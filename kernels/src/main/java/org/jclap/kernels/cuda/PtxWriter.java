package org.jclap.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jclap.tensor.io.AtomicFile;

/** Writes the PTX that is committed: {@code java ... PtxWriter src/main/cuda}. */
public final class PtxWriter {
    private PtxWriter() {}

    /** Compiles every family that has changed, for every architecture, into the folder of the sources. */
    public static void main(String[] arguments) {
        String missing = Nvrtc.obstacle();
        if (missing != null) {
            throw new IllegalStateException("NVRTC is needed: " + missing);
        }
        Path folder = Path.of(arguments[0]);
        for (Family family : Family.values()) {
            KernelSource source = KernelSource.of(family);
            Path oldest = folder.resolve(source.ptxPath(Ptx.ARCHITECTURES.getFirst()));
            if (!source.isSourceOf(Ptx.read(oldest))) {
                write(source, folder);
            }
        }
    }

    /** What is the same for a newer architecture but for its name is not kept twice. */
    private static void write(KernelSource source, Path folder) {
        String previous = "";
        for (int compute : Ptx.ARCHITECTURES) {
            String target = ".target sm_" + compute;
            String ptx = source.header() + Nvrtc.ptx(source, compute);
            Path file = folder.resolve(source.ptxPath(compute));
            if (ptx.replace(target, "").equals(previous)) {
                delete(file);
            } else {
                AtomicFile.write(file, out -> out.write(ptx.getBytes(StandardCharsets.UTF_8)));
            }
            previous = ptx.replace(target, "");
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
