package org.jclap.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jclap.bench.Machine;
import org.jspecify.annotations.Nullable;

/**
 * What a part found. Its process writes this file anew after each finding, so that what was found before a crash is kept.
 *
 * @param machine where it ran; null when it did not come that far
 * @param next the case to go on with in a new process, where a fault of the device has ended this one
 * @param notes what a reader must know, failures first among them
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PartReport(
        String name,
        Status status,
        double seconds,
        @Nullable Machine machine,
        @Nullable Integer next,
        List<Finding> cases,
        List<String> notes) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /** How a part ended. */
    public enum Status {
        /** All was done, and right. */
        PASSED,
        /** Something was wrong. */
        FAILED,
        /** It cannot run here. */
        SKIPPED,
        /** Its time was over. */
        TIMED_OUT
    }

    /** A part that has nothing to show but how it ended. */
    static PartReport empty(String name, Status status, String note) {
        return new PartReport(name, status, 0, null, null, List.of(), List.of(note));
    }

    /** Reads a file; null when there is none, or only a part of one. */
    static @Nullable PartReport read(Path file) {
        try {
            return Files.exists(file) ? JSON.readValue(file.toFile(), PartReport.class) : null;
        } catch (IOException e) {
            return null;
        }
    }

    /** This report as it ended, seen from outside. */
    PartReport ended(Status how, double after, List<String> more) {
        return new PartReport(name, how, after, machine, next, cases, concat(notes, more));
    }

    /** This report, and what a second process found after it. */
    PartReport followedBy(PartReport later) {
        var worse = status == Status.PASSED ? later.status : status;
        return new PartReport(
                name,
                worse,
                seconds + later.seconds,
                machine == null ? later.machine : machine,
                later.next,
                concat(cases, later.cases),
                concat(notes, later.notes));
    }

    private static <T> List<T> concat(List<T> first, List<T> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }
}
