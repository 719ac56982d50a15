package org.jclap.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.JCudaDriver;
import org.jclap.tensor.io.AtomicFile;
import org.jspecify.annotations.Nullable;

/**
 * Loads native libraries in an order of our own: the driver or vendor library that was asked for, then JCuda's part.
 *
 * <p>JCuda unpacks its parts into the temporary directory and trusts whatever file of that name is there, be it half
 * written or another user's. So they are unpacked here, atomically and into a folder of this user, and JCuda is pointed to
 * it while it starts.
 */
final class Natives {
    private static final String TEMPORARY = "java.io.tmpdir";
    private static final String ABSENT = " is not there";
    private static final String VERSION = "12.6.0-linux-x86_64";

    private static @Nullable Path folder;

    private Natives() {}

    /** Libraries of NVIDIA, with JCuda's part that calls them. */
    @SuppressWarnings("ImmutableEnumChecker") // its lists cannot be changed
    enum Library {
        DRIVER("JCudaDriver", List.of("libcuda.so.1"), List.of()),
        NVRTC("JNvrtc", List.of("libnvrtc.so.12"), List.of("libnvrtc-builtins.so.12.6")),
        CUBLAS("JCublas2", List.of("libcublas.so.12"), List.of("libcublasLt.so.12")),
        /** It opens its parts when they are first needed, and ends the process when one is not there. */
        CUDNN(
                "JCudnn",
                List.of(
                        "libcudnn.so.9",
                        "libcudnn_graph.so.9",
                        "libcudnn_ops.so.9",
                        "libcudnn_cnn.so.9",
                        "libcudnn_heuristic.so.9",
                        "libcudnn_engines_precompiled.so.9",
                        "libcudnn_engines_runtime_compiled.so.9"),
                List.of("libcublasLt.so.12", "libnvrtc.so.12"));

        private final String binding;
        private final List<String> files;
        private final List<String> companions;

        /** Files that have to be there, and others that these open by name, which they find if they are loaded already. */
        Library(String binding, List<String> files, List<String> companions) {
            this.binding = "lib%s-%s.so".formatted(binding, VERSION);
            this.files = files;
            this.companions = companions;
        }

        /** Its main file. */
        String file() {
            return files.getFirst();
        }
    }

    /** Loads a library and JCuda's part for it; why it cannot be used, or null. Nothing is unpacked in vain. */
    @SuppressWarnings("restricted")
    static synchronized @Nullable String load(Library library) {
        if (!System.getProperty("os.name", "").equals("Linux")
                || !System.getProperty("os.arch", "").equals("amd64")) {
            return "CUDA is used on Linux on x86-64 only";
        }
        String reason = "";
        for (String place : LibraryPlaces.of(library)) {
            String refusal = open(place, library);
            if (refusal == null) {
                try {
                    // It names the library only by its file, and gets the one that is loaded already.
                    System.load(unpacked(library).toString());
                    return null;
                } catch (UnsatisfiedLinkError e) {
                    return String.valueOf(e.getMessage());
                }
            }
            reason = reason.isEmpty() || !refusal.endsWith(ABSENT) ? refusal : reason;
        }
        return reason + LibraryPlaces.otherVersions(library);
    }

    private static @Nullable String open(String place, Library library) {
        for (String file : library.companions) {
            if (Files.exists(Path.of(place + file))) {
                String _ = open(place + file);
            }
        }
        for (String file : library.files) {
            String refusal = open(place + file);
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    @SuppressWarnings("restricted")
    private static @Nullable String open(String file) {
        try {
            SymbolLookup _ = SymbolLookup.libraryLookup(file, Arena.global());
            return null;
        } catch (IllegalArgumentException _) {
            Path path = Path.of(file);
            return path.isAbsolute() && Files.exists(path)
                    ? "%s cannot be loaded, 'ldd %s' may show why".formatted(path, path)
                    : path.getFileName() + ABSENT;
        }
    }

    /** Lets JCuda's classes start: they find what {@link #load} has unpacked. */
    static synchronized void initialise(Runnable firstUse) {
        String before = System.getProperty(TEMPORARY);
        System.setProperty(TEMPORARY, folder().toString());
        try {
            firstUse.run();
        } finally {
            System.setProperty(TEMPORARY, before);
        }
    }

    /** Quietly: every status is checked where the call is. */
    static void initialiseDriver() {
        initialise(() -> JCudaDriver.setExceptionsEnabled(false));
    }

    private static Path unpacked(Library library) {
        Path target = folder().resolve(library.binding);
        String resource = "/lib/" + library.binding;
        try (InputStream in = Natives.class.getResourceAsStream(resource)) {
            if (in == null) {
                return installed(library.binding);
            }
            byte[] bytes = in.readAllBytes();
            if (!Files.exists(target) || Files.size(target) != bytes.length) {
                AtomicFile.write(target, out -> out.write(bytes));
                if (!target.startsWith(UserCache.folder())) {
                    target.toFile().deleteOnExit();
                }
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + resource, e);
        }
    }

    /** A packed program brings them as files, and names their folder to the JVM. */
    private static Path installed(String binding) {
        String folders = System.getProperty("java.library.path", "");
        return Arrays.stream(folders.split(File.pathSeparator))
                .map(folder -> Path.of(folder, binding).toAbsolutePath())
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new UnsatisfiedLinkError(
                        "JCuda's %s is neither on the class path nor in java.library.path".formatted(binding)));
    }

    /** In the user's cache; where nothing can be written there, for this process alone. */
    private static synchronized Path folder() {
        if (folder == null) {
            Path cache = UserCache.folder().resolve("jcuda-" + VERSION);
            folder = isWritable(cache) ? cache : temporary();
        }
        return folder;
    }

    private static boolean isWritable(Path cache) {
        try {
            return Files.isWritable(Files.createDirectories(cache));
        } catch (IOException _) {
            return false;
        }
    }

    private static Path temporary() {
        try {
            Path created = Files.createTempDirectory("jclap-jcuda");
            created.toFile().deleteOnExit();
            return created;
        } catch (IOException e) {
            throw new UncheckedIOException("no place to unpack JCuda's libraries", e);
        }
    }
}
