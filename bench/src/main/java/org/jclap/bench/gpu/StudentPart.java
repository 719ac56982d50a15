package org.jclap.bench.gpu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jspecify.annotations.Nullable;

/** A student's training step, teacher included, next to the same model in PyTorch with the same weights. */
final class StudentPart {
    private static final String SCRIPT = "student_step.py";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN_LINES = 15;

    /** Kept for our second turn. */
    private static final double OUR_SECONDS = 5;

    /** Twelve layers in F32 on both sides, as for golden values of the published sizes. */
    private static final double AGREEMENT = 1e-3;

    private final Setting setting;
    private final Findings findings;

    private StudentPart(Setting setting, Findings findings) {
        this.setting = setting;
        this.findings = findings;
    }

    static void run(Setting setting, Findings findings) {
        new StudentPart(setting, findings).run();
    }

    private void run() {
        try {
            var folder = Files.createTempDirectory("jclap-student");
            try {
                compare(folder);
            } finally {
                delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no place for temporary files", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    /** Our step is timed before PyTorch's process and after it. */
    private void compare(Path folder) throws IOException {
        var times = new ArrayList<Double>();
        List<JsonNode> answers;
        double peak;
        try (var cuda = Cuda.open();
                var timer = new DeviceTimer(cuda);
                var step =
                        new StudentStep(cuda, setting.sizes(), setting.sizes().batch(), DType.BF16, true)) {
            findings.machine(cuda);
            timer.millis(step, 2);
            cuda.resetPeak();
            times.addAll(times(timer, step));
            peak = cuda.memory().peakBytes();
            findings.add(Finding.of(name(), "ms", median(times)));
            write(folder, cuda);
            answers = python(folder);
            times.addAll(times(timer, step));
        }
        for (var answer : answers) {
            report(answer, times, peak);
        }
    }

    private List<Double> times(DeviceTimer timer, StudentStep step) {
        var times = new ArrayList<Double>();
        for (int i = 0; i < setting.rounds(); i++) {
            times.add(timer.millis(step, 1));
        }
        return times;
    }

    private static double median(List<Double> times) {
        return new Median()
                .evaluate(times.stream().mapToDouble(Double::doubleValue).toArray());
    }

    private String name() {
        var sizes = setting.sizes();
        return findings.name("teacher and student, bf16, batch %d x %d frames, %d tokens"
                .formatted(sizes.batch(), sizes.frames(), sizes.tokens()));
    }

    /** The weights, the batch, and what we make of it in evaluation. */
    private void write(Path folder, Backend cuda) {
        var sizes = setting.sizes();
        try (var step = new StudentStep(cuda, sizes, sizes.batch(), DType.F32, false);
                var _ = Scope.open()) {
            var weights = step.student().weights().state().entrySet().stream()
                    .filter(entry -> entry.getValue().dtype() == DType.F32)
                    .map(entry -> Safetensors.Item.of(entry.getKey(), entry.getValue()))
                    .toList();
            var model = sizes.model();
            Safetensors.write(
                    folder.resolve("weights.safetensors"),
                    Map.of(
                            "heads", Integer.toString(model.text().heads()),
                            "layers", Integer.toString(model.text().layers()),
                            "text_dropout", Double.toString(model.text().dropout()),
                            "block_dropout", Double.toString(model.audio().blockDropout()),
                            "head_dropout", Double.toString(model.audio().headDropout()),
                            "projection_dropout", Double.toString(model.projectionDropout()),
                            "beta", Double.toString(StudentStep.BETA)),
                    weights);
            TextBatch text = step.text();
            Safetensors.write(
                    folder.resolve("batch.safetensors"),
                    Map.of(),
                    List.of(
                            Safetensors.Item.of("logmel", step.logMel()),
                            Safetensors.Item.of("ids", text.ids()),
                            Safetensors.Item.of("mask", text.mask()),
                            Safetensors.Item.of("audio", step.student().embedAudio(step.logMel(), Pass.evaluation())),
                            Safetensors.Item.of("text", step.student().embedText(text, Pass.evaluation()))));
        }
    }

    /** What the script says, line by line, also when it came to no end. */
    private List<JsonNode> python(Path folder) throws IOException {
        var script = folder.resolve(SCRIPT);
        try (var in = Objects.requireNonNull(StudentPart.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            Files.copy(in, script);
        }
        var command = List.of(
                setting.python(),
                script.toString(),
                folder.toString(),
                Integer.toString(setting.rounds()),
                Double.toString(findings.secondsLeft() - OUR_SECONDS));
        JavaProcess.Outcome outcome;
        try {
            outcome = JavaProcess.run(command, findings.secondsLeft() - OUR_SECONDS);
        } catch (UncheckedIOException e) {
            findings.note("no peer: '%s' cannot be run; --python names another".formatted(setting.python()));
            return List.of();
        }
        if (outcome.timedOut()) {
            findings.outOfTime("all that PyTorch was to do");
        }
        var answers = outcome.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(StudentPart::parse)
                .filter(Objects::nonNull)
                .collect(Collectors.toList());
        if (answers.isEmpty() && !outcome.timedOut()) {
            findings.fail("the script ended with %d: %s".formatted(outcome.exit(), outcome.lastLines(SHOWN_LINES)));
        }
        return answers;
    }

    private static @Nullable JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            return null; // a line of a process that was ended while it wrote
        }
    }

    private void report(JsonNode answer, List<Double> times, double peak) {
        if (answer.has("skip")) {
            findings.note("no peer: " + answer.get("skip").asText());
        } else if (answer.has("error")) {
            findings.fail("PyTorch: " + answer.get("error").asText());
        } else if (answer.has("difference")) {
            double difference = answer.get("difference").asDouble();
            findings.add(Finding.of(findings.name("outputs next to PyTorch's"), "largest difference", difference));
            if (!(difference <= AGREEMENT)) {
                findings.fail("outputs differ from PyTorch's by %s, more than %s".formatted(difference, AGREEMENT));
            }
        } else {
            var variant = "PyTorch %s, %s"
                    .formatted(
                            answer.path("version").asText(),
                            answer.path("variant").asText());
            findings.add(Finding.of(name(), "ms", median(times))
                    .against(variant, answer.path("ms").asDouble()));
            double mebibyte = 1 << 20;
            findings.add(Finding.of(name() + ", memory", "MiB", peak / mebibyte)
                    .against(variant, answer.path("peak_bytes").asDouble() / mebibyte));
        }
    }
}
