package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EpochPlanTest {
    @Test
    void anEpochIsAFunctionOfSeedAndNumber() {
        List<Example> examples = examples("a", 100);
        List<Example> curated = examples("c", 30);
        var plan = EpochPlan.training(examples, curated, 0.5, 8, 1, 3);
        assertEquals(plan, EpochPlan.training(examples, curated, 0.5, 8, 1, 3));
        assertNotEquals(plan, EpochPlan.training(examples, curated, 0.5, 8, 1, 4));
        assertNotEquals(plan, EpochPlan.training(examples, curated, 0.5, 8, 2, 3));
    }

    @Test
    void everyExampleComesOnceButForAnIncompleteBatch() {
        var even = EpochPlan.training(examples("a", 96), List.of(), 0.5, 8, 1, 0);
        assertEquals(12, even.size());
        assertEquals(Set.copyOf(examples("a", 96)), seen(even));

        var odd = EpochPlan.training(examples("a", 100), List.of(), 0.5, 8, 1, 0);
        assertEquals(12, odd.size());
        assertTrue(odd.stream().allMatch(batch -> batch.size() == 8));
        assertEquals(96, seen(odd).size(), "an example came twice");
        // What is left out differs between epochs.
        assertNotEquals(seen(odd), seen(EpochPlan.training(examples("a", 100), List.of(), 0.5, 8, 1, 1)));
    }

    @Test
    void curatedBatchesReplaceTheirShareAndAreWhole() {
        List<Example> annotated = examples("a", 4000);
        List<Example> curated = examples("c", 50);
        for (double share : new double[] {0, 0.3, 1}) {
            var plan = EpochPlan.training(annotated, curated, share, 4, 7, 2);
            assertEquals(1000, plan.size());
            long replaced = plan.stream()
                    .filter(batch -> batch.getFirst().id().startsWith("c"))
                    .count();
            assertEquals(share, replaced / 1000.0, 4 * Math.sqrt(share * (1 - share) / 1000));
            for (List<Example> batch : plan) {
                assertEquals(
                        1, batch.stream().map(e -> e.id().charAt(0)).distinct().count(), "a mixed batch");
                assertEquals(4, new HashSet<>(batch).size(), "a pair twice in a batch");
            }
        }
    }

    @Test
    void curatedPairsAllComeBeforeOneComesAgain() {
        var plan = EpochPlan.training(examples("a", 80), examples("c", 48), 1, 4, 1, 0);
        assertEquals(48, seen(plan.subList(0, 12)).size());
        assertEquals(Set.copyOf(examples("c", 48)), seen(plan.subList(0, 12)));
    }

    @Test
    void evaluationTakesEveryExampleInOrder() {
        List<Example> examples = examples("a", 11);
        var plan = EpochPlan.evaluation(examples, 4, 2);
        assertEquals(List.of(4, 4, 3), plan.stream().map(List::size).toList());
        assertEquals(examples, plan.stream().flatMap(List::stream).toList());
        assertEquals(2, EpochPlan.evaluation(examples("a", 9), 4, 2).size(), "one example has no contrast");
        assertEquals(3, EpochPlan.evaluation(examples("a", 9), 4, 1).size());
        assertEquals(0, EpochPlan.evaluation(List.of(), 4, 1).size());
    }

    private static Set<Example> seen(List<List<Example>> plan) {
        Set<Example> seen = new HashSet<>();
        plan.forEach(seen::addAll);
        return seen;
    }

    private static List<Example> examples(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Example(prefix + i, Path.of(prefix + i + ".wav"), "caption " + i, List.of()))
                .toList();
    }
}
