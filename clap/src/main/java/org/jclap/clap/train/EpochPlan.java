package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jclap.clap.audio.Crop;

/**
 * Which clips come together, in which order: a function of the seed and the epoch alone, so that a run that was stopped
 * goes on with the same batches.
 */
final class EpochPlan {
    /** Streams of {@link Crop#random} that no clip has: clips count from 0. */
    private static final long ORDER_STREAM = -1;

    private static final long CURATION_STREAM = -2;

    private EpochPlan() {}

    /**
     * The batches of a training epoch: all examples shuffled, an incomplete last batch left out. Each batch is replaced by
     * one of curated examples with the probability {@code curationProb}; the annotated one is then discarded, as in the
     * reference.
     */
    static List<List<Example>> training(
            List<Example> annotated, List<Example> curated, double curationProb, int batch, long seed, long epoch) {
        List<List<Example>> plan = batches(shuffled(annotated, Crop.random(seed, epoch, ORDER_STREAM)), batch);
        if (curated.isEmpty()) {
            return plan;
        }
        RandomGenerator random = Crop.random(seed, epoch, CURATION_STREAM);
        List<List<Example>> replacements = batches(shuffled(curated, random), batch);
        int next = 0;
        for (int i = 0; i < plan.size(); i++) {
            if (random.nextDouble() < curationProb) {
                if (next == replacements.size()) {
                    replacements = batches(shuffled(curated, random), batch);
                    next = 0;
                }
                plan.set(i, replacements.get(next++));
            }
        }
        return plan;
    }

    /** Every example in order, the last batch as large as what is left (at least {@code least}). */
    static List<List<Example>> evaluation(List<Example> examples, int batch, int least) {
        List<List<Example>> plan = new ArrayList<>();
        for (int from = 0; examples.size() - from >= least; from += batch) {
            plan.add(examples.subList(from, Math.min(examples.size(), from + batch)));
        }
        return plan;
    }

    private static List<List<Example>> batches(List<Example> examples, int batch) {
        List<List<Example>> batches = new ArrayList<>();
        for (int from = 0; from + batch <= examples.size(); from += batch) {
            batches.add(examples.subList(from, from + batch));
        }
        return batches;
    }

    private static List<Example> shuffled(List<Example> examples, RandomGenerator random) {
        List<Example> copy = new ArrayList<>(examples);
        Collections.shuffle(copy, Random.from(random));
        return copy;
    }
}
