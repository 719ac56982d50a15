package org.jclap.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import org.jclap.bench.Machine;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** The answer of a run: the machine, how each part ended, and everything that was found. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GpuReport(@Nullable Machine machine, List<PartEnd> parts, List<Finding> cases) {
    /** How a part ended, and what a reader must know. */
    public record PartEnd(String name, PartReport.Status status, double seconds, List<String> notes) {}

    static GpuReport of(List<PartReport> reports) {
        return new GpuReport(
                reports.stream()
                        .map(PartReport::machine)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null),
                reports.stream()
                        .map(part -> new PartEnd(part.name(), part.status(), part.seconds(), part.notes()))
                        .toList(),
                reports.stream().flatMap(part -> part.cases().stream()).toList());
    }

    /** Throws when something was wrong, or nothing could be tried. */
    void requireSound() {
        if (machine == null) {
            throw new UserException("no part came to a device: see the notes");
        }
        var failed = parts.stream()
                .filter(part -> part.status() == PartReport.Status.FAILED)
                .map(PartEnd::name)
                .toList();
        if (!failed.isEmpty()) {
            throw new UserException("failed: " + String.join(", ", failed));
        }
    }
}
