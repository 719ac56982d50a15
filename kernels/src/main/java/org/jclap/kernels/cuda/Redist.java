package org.jclap.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * Unpacks NVIDIA's libraries from the jar that carries them on Maven Central, for machines that have nothing but a driver:
 * {@code ./mvnw -Pcuda-redist -pl kernels -am process-classes}. From then on they are found by themselves.
 */
public final class Redist {
    /** Where the jar has them. */
    private static final String ROOT = "org/bytedeco/cuda/linux-x86_64/";

    /** What of it is used; the jar has all of CUDA. */
    private static final List<String> WANTED = List.of("libcublas", "libcudnn", "libnvrtc");

    private Redist() {}

    /** Where they are unpacked to. */
    static Path folder() {
        return UserCache.folder().resolve("cuda-12.6");
    }

    /** Unpacks the jar that is on the class path. */
    public static void main(String[] args) throws IOException {
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
            if (entry.endsWith("-redist.jar")) {
                List<String> files = unpack(Path.of(entry), folder());
                System.out.printf("%d libraries in %s: %s%n", files.size(), folder(), String.join(", ", files));
                return;
            }
        }
        throw new UserException("there is no jar of CUDA's libraries on the class path");
    }

    /**
     * Unpacks what is used and not there yet; a run that was interrupted is made good by the next one.
     *
     * @return the names of all that is used
     * @throws UserException when the jar has none of it, or there is no space
     */
    static List<String> unpack(Path jar, Path folder) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            List<? extends ZipEntry> wanted =
                    zip.stream().filter(Redist::isWanted).toList();
            if (wanted.isEmpty()) {
                throw new UserException("%s: no CUDA libraries in %s".formatted(jar, ROOT));
            }
            Files.createDirectories(folder);
            List<? extends ZipEntry> missing =
                    wanted.stream().filter(entry -> !isUnpacked(entry, folder)).toList();
            requireSpace(missing.stream().mapToLong(ZipEntry::getSize).sum(), folder);
            for (ZipEntry entry : missing) {
                try (InputStream in = zip.getInputStream(entry)) {
                    AtomicFile.write(folder.resolve(name(entry)), in::transferTo);
                }
            }
            return wanted.stream().map(Redist::name).sorted().toList();
        }
    }

    private static boolean isWanted(ZipEntry entry) {
        String path = entry.getName();
        return path.startsWith(ROOT) && WANTED.stream().anyMatch(name(entry)::startsWith);
    }

    private static boolean isUnpacked(ZipEntry entry, Path folder) {
        File file = folder.resolve(name(entry)).toFile();
        return file.isFile() && file.length() == entry.getSize();
    }

    private static void requireSpace(long bytes, Path folder) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < bytes) {
            throw new UserException(
                    "%s: CUDA's libraries need %.1f GiB, %.1f are free; XDG_CACHE_HOME names another place"
                            .formatted(folder, bytes / 0x1p30, free / 0x1p30));
        }
    }

    /** The file, without the folders in the jar, so nothing is written elsewhere. */
    private static String name(ZipEntry entry) {
        return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    }
}
