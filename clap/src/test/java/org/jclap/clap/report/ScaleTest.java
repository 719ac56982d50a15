package org.jclap.clap.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScaleTest {
    @Test
    void linearTicksAreRoundInsideAscendingAndTellApart() {
        long seed = 77;
        var random = new SplittableRandom(seed);
        for (int trial = 0; trial < 2000; trial++) {
            double width = Math.pow(10, random.nextDouble(-8, 8));
            double min = random.nextDouble(-3, 3) * width;
            var scale = new Scale.Linear(new Extent(min, min + width), 0, 500, 6);
            String context = "seed " + seed + ", trial " + trial + ": " + scale.data() + " " + scale.ticks();
            checkTicks(scale, scale.data(), context);
            assertTrue(scale.ticks().size() >= 3 && scale.ticks().size() <= 10, context);
        }
    }

    @Test
    void logarithmicTicksAreInsideAscendingAndTellApart() {
        long seed = 78;
        var random = new SplittableRandom(seed);
        for (int trial = 0; trial < 2000; trial++) {
            double min = Math.pow(10, random.nextDouble(-12, 6));
            var data = new Extent(min, min * Math.pow(10, random.nextDouble(0.1, 14)));
            var scale = new Scale.Log(data, 500, 0);
            String context = "seed " + seed + ", trial " + trial + ": " + data + " " + scale.ticks();
            checkTicks(scale, data, context);
            assertTrue(scale.ticks().size() >= 2 && scale.ticks().size() <= 13, context);
        }
    }

    private static void checkTicks(Scale scale, Extent data, String context) {
        double slack = (data.max() - data.min()) * 1e-6;
        List<Double> ticks = scale.ticks();
        for (int i = 0; i < ticks.size(); i++) {
            assertTrue(ticks.get(i) >= data.min() - slack && ticks.get(i) <= data.max() + slack, context);
            assertTrue(i == 0 || ticks.get(i) > ticks.get(i - 1), context);
        }
        var labels = new HashSet<String>();
        ticks.forEach(tick -> labels.add(scale.label(tick)));
        assertEquals(ticks.size(), labels.size(), context + " " + labels);
    }

    @Test
    void mapsTheEndsOfTheDataToTheEndsOfTheAxis() {
        for (Scale scale :
                List.of(new Scale.Linear(new Extent(2, 8), 300, 10, 5), new Scale.Log(new Extent(2, 8), 300, 10))) {
            assertEquals(300, scale.position(2), 1e-9);
            assertEquals(10, scale.position(8), 1e-9);
            assertTrue(Double.isNaN(scale.position(Double.NaN)));
            assertTrue(Double.isNaN(scale.position(Double.POSITIVE_INFINITY)));
        }
        assertEquals(155, new Scale.Log(new Extent(2, 8), 300, 10).position(4), 1e-9);
        assertTrue(Double.isNaN(new Scale.Log(new Extent(2, 8), 300, 10).position(-1)));
    }

    @Test
    void labelsHaveTheDecimalsOfTheStep() {
        var scale = new Scale.Linear(new Extent(0, 1), 0, 1, 5);
        assertEquals(
                List.of("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"),
                scale.ticks().stream().map(scale::label).toList());
        var percent = new Scale.Linear(new Extent(-100, 100), 0, 1, 4);
        assertEquals("−50", percent.label(-50));
    }
}
