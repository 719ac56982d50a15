package org.jclap.clap.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * The files of a run: {@code config.yaml}, {@code run.json} (where it ran and on what), {@code log.jsonl}, TensorBoard
 * events, {@code skipped.csv}, {@code state.safetensors} to go on from, {@code best.safetensors}, and {@code checkpoints/}.
 */
record RunDirectory(Path path) {
    Path state() {
        return path.resolve("state.safetensors");
    }

    Path best() {
        return path.resolve("best.safetensors");
    }

    Path checkpoint(int epoch) {
        return path.resolve("checkpoints").resolve("epoch-%03d.safetensors".formatted(epoch));
    }

    /** Creates the directory, or checks that there is something to go on from; the configuration is written. */
    void open(TrainConfig config, boolean resume) {
        boolean started = Files.exists(state());
        if (started && !resume) {
            throw new UserException(
                    "%s: a run is there already; go on with --resume, or choose another directory with run=DIR"
                            .formatted(path));
        }
        try {
            Files.createDirectories(path.resolve("checkpoints"));
        } catch (IOException e) {
            throw new UserException("cannot create " + path + ": " + AtomicFile.reason(e), e);
        }
        write("config.yaml", ConfigFile.text(config));
    }

    /** Records what the run depends on. */
    void describe(TrainConfig config, TrainingData data, String backend) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("seed", config.seed());
        facts.put("backend", backend);
        facts.put("java", Runtime.version().toString());
        facts.put("git_revision", gitRevision());
        facts.put("data", data.fingerprints());
        facts.put("classes", data.classes());
        facts.put("train", data.train().size());
        facts.put("validation", data.validation().size());
        facts.put("curated", data.curated().size());
        try {
            write(
                    "run.json",
                    JsonMapper.builder()
                            .build()
                            .writerWithDefaultPrettyPrinter()
                            .writeValueAsString(facts));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lists the audio that was left out. */
    void skipped(BadAudio bad) {
        StringBuilder rows = new StringBuilder("wav_path,reason\n");
        bad.reasons()
                .forEach((file, reason) -> rows.append(quoted(file.toString()))
                        .append(',')
                        .append(quoted(reason))
                        .append('\n'));
        write("skipped.csv", rows.toString());
    }

    private static String quoted(String cell) {
        return '"' + cell.replace("\"", "\"\"") + '"';
    }

    private void write(String name, String text) {
        AtomicFile.write(path.resolve(name), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The commit of the working directory, "unknown" outside a repository. */
    private static String gitRevision() {
        try {
            Process git = new ProcessBuilder("git", "rev-parse", "HEAD")
                    .redirectErrorStream(true)
                    .start();
            String line = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor(5, TimeUnit.SECONDS) && git.exitValue() == 0 ? line : "unknown";
        } catch (IOException _) {
            return "unknown";
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
