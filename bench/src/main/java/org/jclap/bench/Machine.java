package org.jclap.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jclap.tensor.Backend;
import org.jspecify.annotations.Nullable;

/**
 * Where a run took place.
 *
 * @param processors what the operating system offers
 * @param device the backend in words
 * @param limits with one thread and with those of the run; empty where the backend is not this processor
 * @param microKernel what of one thread's multiply-adds the innermost loop of matrix products reaches
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Machine(
        String date,
        String processor,
        int processors,
        String system,
        String java,
        String backend,
        String device,
        int threads,
        List<Limits> limits,
        @Nullable Double microKernel) {
    /** This machine, now. */
    public static Machine describe(Backend backend, int threads, List<Limits> limits, @Nullable Double microKernel) {
        return new Machine(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                processorModel(),
                Runtime.getRuntime().availableProcessors(),
                "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.version")),
                Runtime.version().toString(),
                backend.name(),
                backend.description(),
                threads,
                limits,
                microKernel);
    }

    /** The model as Linux names it; elsewhere the architecture. */
    private static String processorModel() {
        var architecture = System.getProperty("os.arch");
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(architecture);
        } catch (IOException e) {
            return architecture;
        }
    }
}
