package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jclap.tensor.UserException;

/** The audio files that could not be read, with their reasons; too many of them end the run. */
final class BadAudio {
    private static final int SHOWN = 5;

    private final Map<Path, String> reasons = new TreeMap<>();
    private final int files;
    private final double maxShare;

    BadAudio(int files, double maxShare) {
        this.files = files;
        this.maxShare = maxShare;
    }

    /** Counts a file; throws when the share of bad ones is too large. */
    synchronized void add(Path file, String reason) {
        if (reasons.put(file, reason) == null && reasons.size() > maxShare * files) {
            String first = reasons.values().stream().limit(SHOWN).collect(Collectors.joining("\n  "));
            throw new UserException(
                    "%d of %d audio files cannot be read, more than data.max_bad_share = %s allows; the first:\n  %s"
                            .formatted(reasons.size(), files, maxShare, first));
        }
    }

    /** File to reason. */
    synchronized Map<Path, String> reasons() {
        return new TreeMap<>(reasons);
    }
}
