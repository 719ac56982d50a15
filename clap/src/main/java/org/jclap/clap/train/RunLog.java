package org.jclap.clap.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/** Metrics of a run, as JSON lines in {@code log.jsonl} and as TensorBoard events. */
final class RunLog implements AutoCloseable {
    /** The kind of the values of a training step. */
    static final String TRAIN = "train";

    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private final Path file;
    private final Writer lines;
    private final TensorBoardWriter events;

    /** Opens the log; lines of steps from {@code resumedStep} on, which will be run again, are taken out. */
    RunLog(Path directory, long resumedStep) {
        file = directory.resolve("log.jsonl");
        try {
            if (Files.exists(file)) {
                truncate(resumedStep);
            }
            lines = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw failure(e);
        }
        events = new TensorBoardWriter(directory, System.currentTimeMillis());
    }

    /** Records the values of a kind, such as {@link #TRAIN} or {@code validation}, at a step. */
    void record(String kind, int epoch, long step, Map<String, Double> values) {
        long now = System.currentTimeMillis();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", kind);
        line.put("epoch", epoch);
        line.put("step", step);
        line.put("time", now / 1000.0);
        line.putAll(values);
        try {
            lines.write(JSON.writeValueAsString(line) + "\n");
            lines.flush();
        } catch (IOException e) {
            throw failure(e);
        }
        values.forEach((name, value) -> events.scalar(kind + "/" + name, value, step, now));
    }

    private void truncate(long resumedStep) throws IOException {
        List<String> kept = Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                .filter(line -> isBefore(line, resumedStep))
                .toList();
        AtomicFile.write(file, out -> {
            for (String line : kept) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    /**
     * Whether a line will not come again. A training line bears the number of its step, from 0, any other the number of
     * steps before it. A torn last line of a killed run comes again.
     */
    private static boolean isBefore(String line, long resumedStep) {
        try {
            JsonNode node = JSON.readTree(line);
            long step = node.path("step").asLong(Long.MAX_VALUE);
            return node.path("kind").asText().equals(TRAIN) ? step < resumedStep : step <= resumedStep;
        } catch (JsonProcessingException _) {
            return false;
        }
    }

    private UserException failure(IOException e) {
        return new UserException("cannot write " + file + ": " + e.getMessage(), e);
    }

    @Override
    public void close() {
        events.close();
        try {
            lines.close();
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
