package org.jclap.autograd.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.jclap.autograd.optim.LearningRate.ReduceOnPlateau;
import org.jclap.autograd.optim.LearningRate.WarmupCosine;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    private static final double TOLERANCE = 1e-15;

    @Test
    void warmsUpLinearlyThenFollowsACosine() {
        WarmupCosine rate = new WarmupCosine(1, 0.1, 10, 110);
        assertEquals(0.1, rate.at(0), TOLERANCE);
        assertEquals(0.5, rate.at(4), TOLERANCE);
        assertEquals(1, rate.at(9), TOLERANCE);
        assertEquals(1, rate.at(10), TOLERANCE);
        assertEquals(0.55, rate.at(60), TOLERANCE);
        assertEquals(0.1 + 0.9 * 0.5 * (1 + Math.sqrt(0.5)), rate.at(35), TOLERANCE);
        assertEquals(0.1, rate.at(110), TOLERANCE);
        assertEquals(0.1, rate.at(1_000_000), TOLERANCE);
        assertEquals(2, new WarmupCosine(2, 0, 0, 5).at(0), TOLERANCE);
        assertThrows(IllegalArgumentException.class, () -> new WarmupCosine(1, 0, 10, 5));
    }

    @Test
    void aConstantStaysAfterEveryEpoch() {
        LearningRate rate = new LearningRate.Constant(0.25);
        assertEquals(0.25, rate.afterEpoch(50, 1).at(1_000_000));
    }

    @Test
    void dropsAfterMoreThanPatienceEpochsWithoutImprovement() {
        ReduceOnPlateau rate = ReduceOnPlateau.published(1e-3, 1e-8);
        // Worse and worse, but quiet: every epoch up to 10 only sets the loss to compare with.
        for (int epoch = 1; epoch <= 10; epoch++) {
            rate = rate.afterEpoch(epoch, epoch);
        }
        for (int epoch = 11; epoch <= 20; epoch++) {
            rate = rate.afterEpoch(epoch, 11);
        }
        assertEquals(1e-3, rate.at(0), TOLERANCE);
        assertEquals(10, rate.waited());
        rate = rate.afterEpoch(21, 11);
        assertEquals(1e-4, rate.at(0), TOLERANCE);
        assertEquals(0, rate.waited());
        assertEquals(10, rate.best());
    }

    @Test
    void anImprovementStartsTheCountAgainAndTheFloorHolds() {
        ReduceOnPlateau rate = new ReduceOnPlateau(0.1, 1, 0, 1e-3, 1e-2, Double.POSITIVE_INFINITY, 0);
        rate = rate.afterEpoch(1, 5).afterEpoch(2, 6).afterEpoch(3, 5);
        assertEquals(0, rate.waited());
        for (int epoch = 4; epoch < 12; epoch++) {
            rate = rate.afterEpoch(epoch, 6);
        }
        assertEquals(1e-3, rate.at(0), TOLERANCE);
    }

    @Test
    void aNonFiniteLossCountsAsNoImprovement() {
        ReduceOnPlateau rate = new ReduceOnPlateau(0.5, 0, 0, 0, 1, 2, 0);
        assertEquals(0.5, rate.afterEpoch(1, Double.NaN).at(0));
    }
}
