package org.jclap.clap.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.clap.audio.SampleFormat;
import org.jspecify.annotations.Nullable;

/**
 * The machine and the Java machine on it.
 *
 * @param java version and vendor
 * @param os name, version and architecture
 * @param cpu the model's name
 * @param processors what this process may use
 * @param heapBytes the limit of the heap
 * @param memoryBytes physical memory, or what the container may use
 * @param vectorBits width of the vectors that the Vector API prefers here; null when its module is absent
 * @param startupCache the cache of loaded classes that the launcher gave, or null
 * @param startupCacheUsed whether it fits this Java machine and its options; otherwise it is passed over
 * @param audioFormats what WAV files may hold
 * @param workingDirectory where relative paths begin
 * @param freeBytes free space there
 * @param ffmpeg the program that converts other audio formats, or null when it is not on the path
 */
public record Machine(
        String java,
        String os,
        String cpu,
        int processors,
        long heapBytes,
        long memoryBytes,
        @Nullable Integer vectorBits,
        @Nullable String startupCache,
        boolean startupCacheUsed,
        List<String> audioFormats,
        String workingDirectory,
        long freeBytes,
        @Nullable String ffmpeg) {

    /** Looks at the machine that this runs on. */
    public static Machine inspect() {
        var runtime = Runtime.getRuntime();
        var here = Path.of("").toAbsolutePath();
        var cache = findStartupCache();
        return new Machine(
                "%s (%s, %s)".formatted(Runtime.version(), property("java.vendor"), property("java.home")),
                "%s %s %s".formatted(property("os.name"), property("os.version"), property("os.arch")),
                findCpu(),
                runtime.availableProcessors(),
                runtime.maxMemory(),
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize(),
                findVectorBits(),
                cache,
                cache != null && property("java.vm.info").contains("sharing"),
                Arrays.stream(SampleFormat.values()).map(Machine::format).toList(),
                here.toString(),
                here.toFile().getUsableSpace(),
                findOnPath("ffmpeg"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    /** Linux tells the model; Windows an identifier; elsewhere the architecture has to do. */
    private static String findCpu() {
        var info = Path.of("/proc/cpuinfo");
        if (Files.isReadable(info)) {
            try (var lines = Files.lines(info, StandardCharsets.UTF_8)) {
                var model = lines.filter(line -> line.startsWith("model name")).findFirst();
                if (model.isPresent()) {
                    return model.get().substring(model.get().indexOf(':') + 1).strip();
                }
            } catch (IOException _) {
                // then the name is as unknown as where there is no such file
            }
        }
        var identifier = System.getenv("PROCESSOR_IDENTIFIER");
        return identifier == null ? property("os.arch") : identifier;
    }

    /** By reflection: whether the module is there is not known before. */
    private static @Nullable Integer findVectorBits() {
        if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
            return null;
        }
        try {
            var species = Class.forName("jdk.incubator.vector.FloatVector")
                    .getField("SPECIES_PREFERRED")
                    .get(null);
            return (Integer) Class.forName("jdk.incubator.vector.VectorSpecies")
                    .getMethod("vectorBitSize")
                    .invoke(species);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String findStartupCache() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-XX:AOTCache="))
                .map(argument -> argument.substring(argument.indexOf('=') + 1))
                .findFirst()
                .orElse(null);
    }

    private static String format(SampleFormat format) {
        return switch (format) {
            case PCM_8, PCM_16, PCM_24, PCM_32 -> "%d-bit integers".formatted(8 * format.bytes());
            case FLOAT_32, FLOAT_64 -> "%d-bit floats".formatted(8 * format.bytes());
        };
    }

    private static @Nullable String findOnPath(String program) {
        var path = System.getenv("PATH");
        return path == null
                ? null
                : Arrays.stream(path.split(File.pathSeparator))
                        .filter(folder -> !folder.isBlank())
                        .flatMap(folder -> Stream.of(program, program + ".exe").map(name -> new File(folder, name)))
                        .filter(File::canExecute)
                        .filter(File::isFile)
                        .map(File::getPath)
                        .findFirst()
                        .orElse(null);
    }
}
