package org.jclap.clap.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
    @Test
    void everyCommandExplainsItselfWithAnExample() {
        var unexplained = new ArrayList<String>();
        collect(List.of(Main.commandLine()), unexplained);
        assertEquals(List.of(), unexplained);
    }

    private static void collect(Collection<CommandLine> commands, List<String> unexplained) {
        for (var command : commands) {
            var help = command.getUsageMessage();
            if (!help.contains("Example") || !help.contains("--stacktrace") || !help.contains("--help")) {
                unexplained.add(command.getCommandSpec().qualifiedName());
            }
            collect(command.getSubcommands().values(), unexplained);
        }
    }

    @Test
    void helpAndVersionSucceed() {
        var help = CommandRun.of("--help");
        assertEquals(0, help.exit());
        assertTrue(help.out().startsWith("Usage: jclap"), help.out());
        assertEquals(0, CommandRun.of("curate", "du", "--help").exit());
        assertTrue(CommandRun.of("--version").out().startsWith("jclap "));
    }

    @Test
    void wrongUsageIsExitTwoWithOneLineAndAHint() {
        for (var run : List.of(
                CommandRun.of(),
                CommandRun.of("curate"),
                CommandRun.of("embed", "--checkpoint", "c", "--text", "t", "--out", "e.npy", "--batch", "0"),
                CommandRun.of("embed", "--checkpoint", "c", "--text", "t", "--out", "e.npy", "--crop", "left"),
                CommandRun.of("embed", "--checkpoint", "c", "--text", "t", "--audio", "a", "--out", "e.npy"),
                CommandRun.of("embed", "--checkpoint", "c", "--out", "e.npy"))) {
            assertEquals(2, run.exit(), run.err());
            assertEquals(2, run.errors().size(), run.err());
            assertTrue(run.errors().getFirst().startsWith("jclap: error: "), run.err());
            assertTrue(run.errors().getLast().contains("--help"), run.err());
        }
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        var run = CommandRun.of("embde");
        assertEquals(2, run.exit());
        assertTrue(run.err().contains("embed"), run.err());
    }

    @Test
    void aFailureIsExitOneWithOneLineUnlessTheTraceIsWanted() {
        var arguments = new Object[] {
            "embed", "--device", "reference", "--checkpoint", "absent.safetensors", "--text", "t.txt", "--out", "e.npy"
        };
        var run = CommandRun.of(arguments);
        assertEquals(1, run.exit());
        assertEquals(1, run.errors().size(), run.err());
        assertTrue(run.err().startsWith("jclap: error: absent.safetensors"), run.err());
        var traced = new ArrayList<>(List.of(arguments));
        traced.add("--stacktrace");
        assertTrue(CommandRun.of(traced.toArray()).err().contains("\tat org.jclap"), "no trace");
    }

    @Test
    void aDeviceThatDoesNotExistIsNamedWithThoseThatDo() {
        var run = CommandRun.of("embed", "--device", "tpu", "--checkpoint", "c", "--text", "t.txt", "--out", "e.npy");
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("tpu") && run.err().contains("reference"), run.err());
    }

    @Test
    void aMistakeInAConfigurationNamesTheKey(@TempDir Path folder) throws IOException {
        var config = Files.writeString(folder.resolve("c.yaml"), "optimizer:\n  lrr: 1e-4\n");
        var run = CommandRun.of("train", config, "--device", "reference");
        assertEquals(1, run.exit());
        assertEquals(1, run.errors().size(), run.err());
        assertTrue(run.err().contains("optimizer.lrr") && run.err().contains("'lr'"), run.err());
        var override = CommandRun.of("train", Files.writeString(config, "{}"), "loop.epochs=none");
        assertEquals(1, override.exit());
        assertTrue(override.err().contains("loop.epochs"), override.err());
    }
}
