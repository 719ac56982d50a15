package org.jclap.clap.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * The stages of a demo, each a folder with what it made. Its result is written last, so its presence says that the stage
 * is complete: a demo that is started again skips what it finished under the same configuration.
 */
final class Stages {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final String MARK = "demo.json";
    private static final String RESULT = "stage.json";

    private final Path out;
    private final JsonNode configuration;
    private final Consumer<String> announce;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    private Stages(Path out, JsonNode configuration, Consumer<String> announce) {
        this.out = out;
        this.configuration = configuration;
        this.announce = announce;
    }

    /**
     * Opens the folder of a demo.
     *
     * @param configuration on what the results depend
     * @param announce told the name of each stage
     * @throws UserException when the folder holds something else
     */
    static Stages open(Path out, Object configuration, Consumer<String> announce) {
        Path mark = out.resolve(MARK);
        if (!Files.exists(mark) && !isEmpty(out)) {
            throw new UserException(out + " is not empty and not the folder of a demo: choose another one with --out");
        }
        JsonNode tree = parsed(configuration);
        AtomicFile.write(mark, file -> file.write(tree.toPrettyString().getBytes(StandardCharsets.UTF_8)));
        return new Stages(out, tree, announce);
    }

    /** As it is when read again: in memory, equal numbers of different types are not equal. */
    private static JsonNode parsed(Object configuration) {
        try {
            return JSON.readTree(JSON.writeValueAsBytes(configuration));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isEmpty(Path folder) {
        if (!Files.exists(folder)) {
            return true;
        }
        try (var files = Files.list(folder)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw new UserException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** What is kept of a stage: its configuration, how long it took, and its result. */
    private record Kept(JsonNode configuration, double seconds, JsonNode result) {}

    /** The result of a stage that is complete, or of {@code work} in the stage's empty folder. */
    <T> T run(String name, Class<T> type, Function<Path, T> work) {
        Path folder = out.resolve(name);
        Path file = folder.resolve(RESULT);
        try {
            if (Files.exists(file)) {
                Kept kept = JSON.readValue(Files.readString(file), Kept.class);
                if (kept.configuration.equals(configuration)) {
                    announce.accept(name + ": done before");
                    seconds.put(name, kept.seconds);
                    return JSON.treeToValue(kept.result, type);
                }
            }
            announce.accept(name);
            delete(folder);
            Files.createDirectories(folder);
            long start = System.nanoTime();
            T result = work.apply(folder);
            double took = (System.nanoTime() - start) / 1e9;
            write(file, new Kept(configuration, took, JSON.valueToTree(result)));
            seconds.put(name, took);
            return result;
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "%s: %s; delete the file to do this stage again".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new UserException("%s: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static void write(Path file, Kept kept) throws JsonProcessingException {
        byte[] text = JSON.writeValueAsBytes(kept);
        AtomicFile.write(file, out -> out.write(text));
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** How long each stage took when it was done, in the order of the stages. */
    Map<String, Double> seconds() {
        return new LinkedHashMap<>(seconds);
    }
}
