package org.jclap.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class DuelsTest {
    @Test
    void everyDuelNamesACaseOfOursAndDeclaresItsWork() {
        for (var duel : Duels.all()) {
            assertEquals(duel.name(), duel.ours(1).name());
            assertTrue(duel.ours(1).work().flops() > 0, duel.name());
            assertTrue(duel.quick() <= duel.variants().size(), duel.name());
        }
    }

    @Test
    void namesTheCasesWhenNoneMatches() {
        var err = new StringWriter();
        var line = Main.commandLine().setErr(new PrintWriter(err));
        assertEquals(1, line.execute(org.jclap.bench.Main.arguments("peers", "--quick", "--case", "loss")));
        assertTrue(err.toString().contains("train/cnn14 base 4 x 5 s, no dropout"), err.toString());
    }
}
