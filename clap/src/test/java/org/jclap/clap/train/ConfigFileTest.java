package org.jclap.clap.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jclap.clap.text.Damage;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigFileTest {
    private static final String PAIRS = "data.pairs=[a.csv]";

    @TempDir
    Path folder;

    // ---------------------------------------------------------------------------------------------- values

    @Test
    void defaultsAreThePublishedRecipe() {
        TrainConfig config = ConfigFile.of(List.of(PAIRS));
        TrainConfig defaults = TrainConfig.defaults();
        assertEquals(List.of("a.csv"), config.data().pairs());
        assertEquals(defaults.optimizer(), config.optimizer());
        assertEquals(defaults.audio(), config.audio());
        assertEquals(TrainConfig.ScheduleName.PLATEAU, config.schedule().name());
    }

    @Test
    void theFileGoesOverTheDefaultsAndOverridesGoOverTheFile() throws IOException {
        Path file = file("""
                objective: contrastive
                run: somewhere
                data:
                  pairs: [a.csv, "clotho:/data/clotho"]
                optimizer:
                  name: adamw
                  lr: 3e-4
                loop: {epochs: 7}
                """);
        TrainConfig config = ConfigFile.read(file, List.of("loop.epochs=9", "optimizer.beta2=0.95", "loop.epochs=11"));
        assertEquals(TrainConfig.OptimizerName.ADAMW, config.optimizer().name());
        assertEquals(3e-4, config.optimizer().lr());
        assertEquals(0.95, config.optimizer().beta2());
        assertEquals(11, config.loop().epochs());
        assertEquals(TrainConfig.defaults().loop().batch(), config.loop().batch());
        assertEquals(List.of("a.csv", "clotho:/data/clotho"), config.data().pairs());
        assertEquals("somewhere", config.run());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e-3", "1E-3", "0.001", "1.0e-3", ".001"})
    void everyNotationOfANumberIsRead(String number) {
        assertEquals(
                1e-3,
                ConfigFile.of(List.of(PAIRS, "optimizer.lr=" + number))
                        .optimizer()
                        .lr());
    }

    @Test
    void overridesTakeListsSectionsAndNull() {
        TrainConfig config = ConfigFile.of(List.of(
                "data={pairs: [x.csv], subset: 0.5}",
                "data.curated=[y.csv, z.csv]",
                "loss.teacher=t.safetensors",
                "loss.teacher=null",
                "run=a=b"));
        assertEquals(List.of("y.csv", "z.csv"), config.data().curated());
        assertEquals(0.5, config.data().subset());
        assertEquals(null, config.loss().teacher());
        assertEquals("a=b", config.run());
    }

    @Test
    void theWrittenTextIsReadBackTheSame() throws IOException {
        TrainConfig config = ConfigFile.of(List.of(
                PAIRS,
                "run=RUN_A",
                "objective=TAGGING",
                "optimizer.lr=1.2345678901234e-7",
                "optimizer.name=sgd",
                "loss.teacher='C: \"odd\" #name'",
                "audio.mixup=true",
                "data.validation=['yes', '012', '1e3']",
                "seed=-9007199254740993"));
        assertEquals("RUN_A", config.run());
        assertEquals(config, ConfigFile.read(file(ConfigFile.text(config)), List.of()));
        assertTrue(ConfigFile.text(config).contains("objective: \"tagging\""), ConfigFile.text(config));
    }

    @Test
    void anEmptyFileIsTheDefaults() throws IOException {
        for (String text : List.of("", "\n# nothing\n", "---\n")) {
            assertEquals(ConfigFile.of(List.of(PAIRS)), ConfigFile.read(file(text), List.of(PAIRS)));
        }
    }

    // ---------------------------------------------------------------------------------------------- errors

    @ParameterizedTest
    @ValueSource(
            strings = {
                "optimiser.lr=1 | unknown key 'optimiser'; did you mean 'optimizer'",
                "optimizer.learning_rat=1 | 'optimizer.learning_rat' | Keys here",
                "loop.bacth=3 | did you mean 'batch'",
                "loop.epochs.more=3 | 'loop.epochs' | whole number",
                "loop=3 | 'loop' is a section | epochs",
                "loop= | 'loop' is a section",
                "loop.epochs=many | 'loop.epochs' must be a whole number",
                "loop.epochs=2.5 | 'loop.epochs' must be a whole number",
                "loop.epochs='3' | 'loop.epochs' must be a whole number",
                "loop.epochs=99999999999 | 'loop.epochs' | out of range",
                "loop.epochs= | 'loop.epochs' must be a whole number",
                "loop.epochs=null | 'loop.epochs' has no value",
                "optimizer.lr=fast | 'optimizer.lr' must be a number",
                "optimizer.name=adamx | 'optimizer.name' must be one of adam, adamw, sgd",
                "optimizer.name=1 | 'optimizer.name' must be one of adam, adamw, sgd",
                "optimizer.name=null | 'optimizer.name' has no value",
                "objective=[tagging] | 'objective' must be one of contrastive, tagging",
                "precision=f8 | 'precision' must be one of f32, bf16, f16",
                "model.checkpointing=perhaps | 'model.checkpointing' must be true or false",
                "loop.accumulate=0 | loop.accumulate must be positive",
                "loop.accumulate=5 | loop.accumulate must divide loop.batch, 5 does not divide 32",
                "loop.accumulate=32 | parts of one pair | loop.embedding_cache",
                "loop.embedding_cache=true | set loop.accumulate",
                "audio.mixup=maybe | 'audio.mixup' must be true or false",
                "audio.crop=null | 'audio.crop' has no value",
                "run=null | 'run' has no value",
                "run=[a] | 'run' must be text",
                "model.init=a.safetensors | 'model.init' must be a list",
                "data.pairs=null | 'data.pairs' has no value",
                "data.curated=[a, null] | 'data.curated' has no value",
                "run=[a | 'run' is not valid YAML",
                "nothing | 'nothing' is not key=value",
                "=3 | not key=value",
                ".=3 | unknown key ''",
                "run.=3 | 'run' must be text"
            })
    void aWrongOverrideIsNamed(String row) {
        String[] cells = row.split(" \\| ", -1);
        String message = message(() -> ConfigFile.of(List.of(PAIRS, cells[0])));
        for (int i = 1; i < cells.length; i++) {
            String part = cells[i];
            assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.preset=huge | tiny, small, base",
                "audio.window=1000 | window",
                "audio.crop=somewhere | random+pad-random",
                "audio.seconds=0 | audio.seconds",
                "audio.spec_augment=true | tagging",
                "audio.mixup=true | tagging",
                "optimizer.lr=-1 | optimizer.lr",
                "optimizer.lr=.inf | optimizer.lr",
                "optimizer.lr=.nan | optimizer.lr",
                "optimizer.beta1=1 | optimizer.beta1",
                "optimizer.weight_decay=-1 | optimizer.weight_decay",
                "schedule.warmup_steps=-1 | schedule.warmup_steps",
                "loop.batch=1 | at least 2",
                "loop.log_every=0 | loop.log_every",
                "checkpoint.keep=0 | checkpoint.keep",
                "checkpoint.by=zeroshot | zeroshot_layout",
                "checkpoint.zeroshot_data=x | go together",
                "data.pairs=[] | data.pairs",
                "data.subset=1.5 | data.subset",
                "data.validation_share=.nan | data.validation_share",
                "loss.beta=0.3 | loss.teacher",
                "loss.beta=2 | loss.beta",
                "text.max_length=2 | text.max_length"
            })
    void aValueThatCannotWorkIsNamed(String row) {
        String[] cells = row.split(" \\| ", -1);
        String message = message(() -> ConfigFile.of(List.of(PAIRS, cells[0])));
        assertTrue(message.contains(cells[1]), () -> "'" + cells[1] + "' is not in: " + message);
    }

    @Test
    void badYamlIsAnErrorWithItsLine() throws IOException {
        Path file = file("run: a\nloop:\n  epochs: [1\nseed: 3\n");
        String message = message(() -> ConfigFile.read(file, List.of()));
        assertTrue(message.contains(file.toString()) && message.contains("line 4"), message);
    }

    @Test
    void aKeyThatIsGivenTwiceIsAnError() throws IOException {
        Path file = file("run: a\nrun: b\n");
        String message = message(() -> ConfigFile.read(file, List.of(PAIRS)));
        assertTrue(message.contains("run") && message.contains(file.toString()), message);
    }

    @Test
    void filesThatAreNoConfigurationAreErrors() throws IOException {
        Path list = file("- a\n- b\n");
        assertTrue(message(() -> ConfigFile.read(list, List.of())).contains("key: value"));
        Path missing = folder.resolve("missing.yaml");
        assertTrue(message(() -> ConfigFile.read(missing, List.of())).contains("no such file"));
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "run: caf\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(message(() -> ConfigFile.read(latin, List.of())).contains("UTF-8"));
        Path large = folder.resolve("large.yaml");
        Files.write(large, new byte[2 << 20]);
        assertTrue(message(() -> ConfigFile.read(large, List.of())).contains("larger"));
        assertTrue(message(() -> ConfigFile.read(folder, List.of())).contains(folder.toString()));
    }

    @Test
    void damagedTextIsAConfigurationOrAnError() throws IOException {
        byte[] good = ConfigFile.text(ConfigFile.of(List.of(PAIRS))).getBytes(StandardCharsets.UTF_8);
        int read = 0;
        for (int seed = 0; seed < 1500; seed++) {
            Path file = folder.resolve("fuzz-%d.yaml".formatted(seed));
            Files.write(file, Damage.of(good, new Random(seed)));
            try {
                ConfigFile.read(file, List.of());
                read++;
            } catch (UserException e) {
                assertTrue(!String.valueOf(e.getMessage()).isBlank(), "seed " + seed);
            } catch (RuntimeException e) {
                fail("seed " + seed, e);
            }
        }
        assertTrue(read > 0 && read < 1500, read + " files were readable: the damage has no range");
    }

    @Test
    void deepNestingAndManyAliasesEndInAnError() throws IOException {
        Path deep = file("run: " + "[".repeat(200_000));
        message(() -> ConfigFile.read(deep, List.of(PAIRS)));
        String laughs = Stream.iterate(0, i -> i < 40, i -> i + 1)
                .map(i -> "  a%d: &a%d [*a%d, *a%d]\n".formatted(i + 1, i + 1, i, i))
                .reduce("x:\n  a0: &a0 [1]\n", String::concat);
        Path bomb = file(laughs);
        message(() -> ConfigFile.read(bomb, List.of(PAIRS)));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("config.yaml"), text);
    }

    private static String message(Runnable action) {
        return String.valueOf(assertThrows(UserException.class, action::run).getMessage());
    }
}
