package org.jclap.tests.emulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * An emulated NVIDIA driver: {@link #start} puts it into this process, before anything of CUDA is touched; then the CUDA
 * backend runs on it as on hardware. See {@code emulator.h} for what it shows and what it cannot.
 */
public final class EmulatedDriver {
    private EmulatedDriver() {}

    /** What can be turned and read, by the names of {@code emulator.h}. */
    public enum Knob {
        /** Order of threads, blocks and streams; 0 is the plain order. */
        SEED,
        /** 1: guard pages and NaN in every buffer. */
        GUARD,
        /** 1: the work of a stream waits until somebody synchronises. */
        DEFERRED,
        /** 1: modules that are loaded from now on report races; {@link #startChecked} builds what that takes. */
        CHECKED,
        /** Compute capability times 10. */
        COMPUTE,
        /** Bytes of the device. */
        MEMORY_LIMIT,
        /** The n-th allocation from now fails. */
        FAIL_ALLOCATION,
        /** The n-th kernel that runs from now on fails, and the device with it, until {@link #recover}. */
        FAIL_LAUNCH,
        /** The n-th launch from now is refused. */
        REJECT_LAUNCH,
        /** The n-th copy from now is refused. */
        FAIL_COPY,
        /** The n-th copy to the host from now ends the process, as a kill would. */
        KILL_DOWNLOAD,
        /** The n-th piece of work from now that is captured invalidates the capture. */
        FAIL_CAPTURE,
        /** 1: the compiler of the driver finds fault with every module. */
        REJECT_PTX,
        /** The n-th call of cuBLAS or cuDNN from now fails. */
        FAIL_LIBRARY,
        /** 1000 x major + 10 x minor of the CUDA that the driver is for. */
        DRIVER_VERSION,
        /** How many devices there are, 0 or 1. */
        DEVICES,
        /** What the driver answers when it is started; 0 for success. */
        INIT_STATUS,
        /** What it answers when a context is asked for; 0 for success. */
        CONTEXT_STATUS,
        /** Device buffers that are allocated. */
        LIVE_BUFFERS,
        /** Their bytes. */
        LIVE_BYTES,
        /** The most bytes there ever were. */
        PEAK_BYTES,
        /** Page-locked host buffers. */
        PINNED_BUFFERS,
        /** Kernels that ran. */
        LAUNCHES,
        /** Modules that are loaded. */
        MODULES,
        /** Streams that exist. */
        STREAMS,
        /** Events that exist. */
        EVENTS,
        /** Graphs that exist, executable ones counted apart. */
        GRAPHS,
        /** How often the context is retained. */
        CONTEXTS,
        /** Handles and descriptors of cuBLAS and cuDNN. */
        LIBRARY_OBJECTS,
        /** Products and convolutions that they computed. */
        LIBRARY_CALLS
    }

    private static final class Functions {
        static final Linker LINKER = Linker.nativeLinker();
        static final MethodHandle SET =
                find("emulator_set", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
        static final MethodHandle GET =
                find("emulator_get", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
        static final MethodHandle RECOVER = find("emulator_recover", FunctionDescriptor.ofVoid());

        @SuppressWarnings("restricted")
        static MethodHandle find(String name, FunctionDescriptor type) {
            Path library = EmulatorBuild.folder().resolve("libcuda.so.1");
            return LINKER.downcallHandle(
                    SymbolLookup.libraryLookup(library, Arena.global()).findOrThrow(name), type);
        }
    }

    /** Whether this machine has g++, which it is built with. */
    public static boolean isAvailable() {
        return EmulatorBuild.isPossible();
    }

    /** Builds what is not up to date, and makes this process use it for CUDA. */
    public static void start() {
        try {
            EmulatorBuild.run();
        } catch (IOException e) {
            throw new UncheckedIOException("the emulated driver cannot be built", e);
        }
        System.setProperty("jclap.cuda.libraries", EmulatorBuild.folder().toString());
    }

    /** As {@link #start}, and builds kernels that find races, for {@link Knob#CHECKED}. */
    public static void startChecked() {
        start();
        try {
            EmulatorBuild.runChecked();
        } catch (IOException e) {
            throw new UncheckedIOException("the kernels cannot be built", e);
        }
    }

    /** Compiles further kernels as a family of this name, to be loaded checked or not, for tests of the driver itself. */
    public static void addFamily(String name, String source) {
        try {
            EmulatorBuild.run(name, source);
        } catch (IOException e) {
            throw new UncheckedIOException("the kernels cannot be built", e);
        }
    }

    /** Turns a knob. */
    public static void set(Knob knob, long value) {
        try (Arena arena = Arena.ofConfined()) {
            Functions.SET.invokeExact(arena.allocateFrom(knob.name()), value);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Reads a knob or a counter. */
    public static long get(Knob knob) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(knob.name());
            return (long) Functions.GET.invokeExact(name);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Forgets an error that would otherwise stay for the rest of the process, as a new process does. */
    public static void recover() {
        try {
            Functions.RECOVER.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
