package org.jclap.bench.gpu;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jclap.bench.Comparison;
import org.jspecify.annotations.Nullable;

/**
 * One measured or checked number. Fields without a value are absent from the JSON.
 *
 * @param name the part, a slash, and what is special
 * @param unit of {@code ours} and {@code peer}
 * @param ratio how many times better we are than the peer: above 1 we are faster, or smaller
 * @param limitFraction what of the device's limit is reached, as measured in the same run
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Finding(
        String name,
        String unit,
        double ours,
        @Nullable Double peer,
        @Nullable String peerName,
        @Nullable Double ratio,
        @Nullable Double limitFraction,
        @Nullable String note) {

    /** A number without a peer. */
    static Finding of(String name, String unit, double ours) {
        return new Finding(name, unit, ours, null, null, null, null, null);
    }

    /** Two programs that were timed in turns. */
    static Finding of(String name, Comparison times, String peerName) {
        return new Finding(name, "ms", times.ours(), times.peer(), peerName, times.ratio(), null, null);
    }

    /** The same, next to a peer whose number is the better the smaller. */
    Finding against(String peerName, double peer) {
        return new Finding(name, unit, ours, peer, peerName, peer / ours, limitFraction, note);
    }

    Finding ofLimit(double fraction) {
        return new Finding(name, unit, ours, peer, peerName, ratio, fraction, note);
    }

    Finding noting(String text) {
        return new Finding(name, unit, ours, peer, peerName, ratio, limitFraction, text);
    }
}
