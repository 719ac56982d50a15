package org.jclap.tests.emulator;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jclap.kernels.cuda.Family;
import org.jclap.kernels.cuda.KernelSource;

/**
 * Compiles the emulated driver and, for it, every kernel family, with g++. A library is made again when its sources have
 * changed; several processes take turns.
 */
final class EmulatorBuild {
    private static final List<String> DRIVER = List.of(
            "executor.cpp",
            "races.cpp",
            "memory.cpp",
            "stream.cpp",
            "graph.cpp",
            "module.cpp",
            "device.cpp",
            "unsupported.cpp");
    private static final List<String> HEADERS = List.of("emulator.h", "libraries.h");
    /** The files that cuDNN is split into; the emulated one is whole. */
    private static final List<String> CUDNN_PARTS =
            List.of("graph", "ops", "cnn", "heuristic", "engines_precompiled", "engines_runtime_compiled");

    private static final int NOT_SUPPORTED_BY_CUBLAS = 15;
    private static final int NOT_SUPPORTED_BY_CUDNN = 3000;
    private static final List<String> COMPILER =
            List.of("g++", "-std=c++17", "-O2", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-w");
    /** Kernels trap at misaligned addresses, as devices do. */
    private static final List<String> KERNEL_COMPILER = Stream.concat(
                    COMPILER.stream(),
                    Stream.of("-c", "-fno-gnu-unique", "-fsanitize=alignment", "-fsanitize-undefined-trap-on-error"))
            .toList();
    /** Calls before every access, to what {@code races.cpp} has instead of the sanitizer's own library. */
    private static final List<String> CHECKS =
            List.of("-fsanitize=thread", "--param", "tsan-instrument-func-entry-exit=0");

    private static final Pattern KERNEL = Pattern.compile("__global__\\s+void\\s+(\\w+)\\s*\\(");

    private final Path folder;

    private EmulatorBuild(Path folder) {
        this.folder = folder;
    }

    /** Where the libraries are: {@code target/cuda-emulator} of the module that runs. */
    static Path folder() {
        return Path.of(System.getProperty("jclap.cuda.emulator.folder", "target/cuda-emulator"))
                .toAbsolutePath();
    }

    /** Whether this machine has the compiler. */
    static boolean isPossible() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(part -> new File(part, "g++").canExecute());
    }

    /** Brings every library up to date. */
    static void run() throws IOException {
        locked(EmulatorBuild::all);
    }

    /** Brings one more family up to date. */
    static void run(String name, String source) throws IOException {
        locked(build -> {
            build.family(name, source, false);
            build.family(name, source, true);
        });
    }

    /** Brings the kernels up to date that are checked for races. */
    static void runChecked() throws IOException {
        locked(build -> build.families(true));
    }

    private interface Step {
        void apply(EmulatorBuild build) throws IOException;
    }

    private static void locked(Step step) throws IOException {
        Files.createDirectories(folder());
        Path lock = folder().resolve("lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            step.apply(new EmulatorBuild(folder()));
        }
    }

    private void all() throws IOException {
        for (String header : HEADERS) {
            Files.writeString(folder.resolve(header), resource(header));
        }
        link("libcuda.so.1", DRIVER, "", List.of());
        List<String> driver = List.of("-L" + folder, "-l:libcuda.so.1", "-Wl,-rpath," + folder);
        link("libcublas.so.12", List.of("cublas.cpp"), Stubs.of("JCublas2", "cublas", NOT_SUPPORTED_BY_CUBLAS), driver);
        link("libcudnn.so.9", List.of("cudnn.cpp"), Stubs.of("JCudnn", "cudnn", NOT_SUPPORTED_BY_CUDNN), driver);
        for (String part : CUDNN_PARTS) {
            link("libcudnn_%s.so.9".formatted(part), List.of(), "int cudnn_part;", List.of());
        }
        families(false);
    }

    private void families(boolean checked) throws IOException {
        for (Family family : Family.values()) {
            family(family.file(), KernelSource.of(family).text(), checked);
        }
    }

    /** Links a library of these sources and further text. */
    private void link(String library, List<String> sources, String text, List<String> options) throws IOException {
        StringBuilder content = new StringBuilder(text);
        for (String header : HEADERS) {
            content.append(resource(header));
        }
        for (String source : sources) {
            content.append(resource(source));
        }
        if (isCurrent(library, content.toString())) {
            return;
        }
        List<String> command = new ArrayList<>(COMPILER);
        command.addAll(List.of("-shared", "-o", library + ".new", "-Wl,-soname," + library));
        for (String source : sources) {
            Files.writeString(folder.resolve(source), resource(source));
            command.add(source);
        }
        Files.writeString(folder.resolve(library + ".cpp"), text);
        command.add(library + ".cpp");
        command.addAll(options);
        execute(command);
        finish(library, content.toString());
    }

    /** Preprocesses a source, lists its kernels behind it, and compiles both. */
    private void family(String name, String source, boolean checked) throws IOException {
        String language = resource("device_language.h");
        String library = name + (checked ? ".checked.so" : ".so");
        String content = language + source + KERNEL + KERNEL_COMPILER + CHECKS;
        if (isCurrent(library, content)) {
            return;
        }
        Files.writeString(folder.resolve("device_language.h"), language);
        Files.writeString(folder.resolve(name + ".cu"), source);
        execute(List.of(
                "g++",
                "-std=c++17",
                "-E",
                "-x",
                "c++",
                "-include",
                "device_language.h",
                name + ".cu",
                "-o",
                name + ".ii"));
        String text = Files.readString(folder.resolve(name + ".ii"));
        Files.writeString(folder.resolve(name + ".cpp"), text.replace("__global__", "") + listing(text));
        List<String> command = new ArrayList<>(KERNEL_COMPILER);
        command.addAll(checked ? CHECKS : List.of());
        command.addAll(List.of("-o", name + ".o", name + ".cpp"));
        execute(command);
        execute(List.of(
                "g++",
                "-shared",
                "-o",
                library + ".new",
                name + ".o",
                "-L" + folder,
                "-l:libcuda.so.1",
                "-Wl,-rpath," + folder));
        finish(library, content);
    }

    /** C++ that lists the kernels of a preprocessed source, and where its shared memory lies: it is all of the .bss. */
    private static String listing(String preprocessed) {
        var kernels = KERNEL.matcher(preprocessed)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        String entries = kernels.stream()
                .map(kernel -> "emulator_entry<&%s>::describe(\"%s\"),%n".formatted(kernel, kernel))
                .collect(Collectors.joining());
        return """
                #define EXPORTED extern "C" __attribute__((visibility("default")))
                #define HIDDEN __attribute__((visibility("hidden")))
                extern HIDDEN char __bss_start[], _end[];
                EXPORTED const emulator_kernel emulator_kernels[] = {
                %s};
                EXPORTED const int emulator_kernel_count = %d;
                EXPORTED char* const emulator_shared_begin = __bss_start;
                EXPORTED char* const emulator_shared_end = _end;
                """.formatted(entries, kernels.size());
    }

    private boolean isCurrent(String library, String content) throws IOException {
        Path made = folder.resolve(library + ".from");
        return Files.exists(folder.resolve(library))
                && Files.exists(made)
                && Files.readString(made).equals(content);
    }

    private void finish(String library, String content) throws IOException {
        Files.move(
                folder.resolve(library + ".new"),
                folder.resolve(library),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(folder.resolve(library + ".from"), content);
    }

    private void execute(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("%s%n%s".formatted(String.join(" ", command), output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String resource(String file) throws IOException {
        try (InputStream in = EmulatorBuild.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException("the emulator's " + file + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
