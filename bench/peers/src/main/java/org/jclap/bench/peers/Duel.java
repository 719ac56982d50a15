package org.jclap.bench.peers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jclap.bench.BenchCase;
import org.jclap.bench.CaseBench;
import org.jclap.bench.Stage;

/**
 * A case of ours, and how PyTorch computes the same from the same numbers.
 *
 * @param name of our case
 * @param quick how many of the variants a first impression includes
 * @param tolerance how far answers may be apart, see {@link Agreement}
 * @param variants the ways in which PyTorch can do it; the fastest counts
 */
record Duel(String name, int quick, double tolerance, SequencedMap<String, Opponent> variants) {
    /** Makes PyTorch's inputs, equal to ours, and tells what to call. */
    @FunctionalInterface
    interface Opponent {
        /** Called before anything is timed. */
        Torch.Call prepare(Stage stage, Torch torch);
    }

    /** A duel with a single way of PyTorch. */
    Duel(String name, int quick, double tolerance, Opponent opponent) {
        this(name, quick, tolerance, new LinkedHashMap<>(Map.of("PyTorch", opponent)));
    }

    /** Our side. */
    BenchCase ours(int threads) {
        return CaseBench.find(name, threads);
    }

    /** The names of the first variants. */
    List<String> variantNames(int count) {
        return variants.sequencedKeySet().stream().limit(count).toList();
    }
}
