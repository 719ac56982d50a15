package org.jclap.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private static final String VERSION = "12.6.0-linux-x86_64";

    private Natives() {}

    /** Libraries of NVIDIA, with JCuda's part that calls them. */
    enum Library {
        DRIVER("JCudaDriver", "libcuda.so.1"),
        NVRTC("JNvrtc", "libnvrtc.so.12"),
        CUBLAS("JCublas2", "libcublas.so.12");

        private final String binding;
        private final String file;

        Library(String binding, String file) {
            this.binding = "lib%s-%s.so".formatted(binding, VERSION);
            this.file = file;
        }

        String file() {
            return file;
        }
    }

    /** Loads a library and JCuda's part for it; why it cannot be used, or null. Nothing is unpacked in vain. */
    @SuppressWarnings("restricted")
    static synchronized @Nullable String load(Library library) {
        if (!System.getProperty("os.name", "").equals("Linux")
                || !System.getProperty("os.arch", "").equals("amd64")) {
            return "CUDA is used on Linux on x86-64 only";
        }
        try {
            Path chosen = CudaOptions.libraries();
            // JCuda's part names the library only by its file: it gets the one that is loaded already.
            SymbolLookup _ = chosen == null
                    ? SymbolLookup.libraryLookup(library.file, Arena.global())
                    : SymbolLookup.libraryLookup(chosen.resolve(library.file), Arena.global());
            System.load(unpacked(library).toString());
            return null;
        } catch (IllegalArgumentException _) {
            return library.file + " is not there";
        } catch (UnsatisfiedLinkError e) {
            return String.valueOf(e.getMessage());
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
                throw new UnsatisfiedLinkError("JCuda's %s is not on the class path".formatted(resource));
            }
            byte[] bytes = in.readAllBytes();
            if (!Files.exists(target) || Files.size(target) != bytes.length) {
                AtomicFile.write(target, out -> out.write(bytes));
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack " + resource, e);
        }
    }

    private static Path folder() {
        return UserCache.folder().resolve("jcuda-" + VERSION);
    }
}
