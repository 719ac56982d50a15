package org.jclap.bench.peers;

import ai.djl.pytorch.engine.PtNDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jclap.autograd.Parameter;
import org.jclap.bench.CaseBench;
import org.jclap.bench.Measurer;
import org.jclap.bench.Report;
import org.jclap.bench.Stage;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.Shape;

/**
 * A process that trains CLAP for a few steps, as cold as processes are: what it reports is the time from its start to the
 * end of the first step, and the most memory that was resident. The peer's weights are random numbers of the same shapes,
 * drawn by itself: nothing of ours runs in its process but the Java machine that calls it.
 */
final class FirstStep {
    private static final String OURS = "ours";
    private static final String PEER = "peer";
    private static final int STEPS = 3;
    private static final long SEED = 1;
    private static final double DEVIATION = 0.02;

    private FirstStep() {}

    /** Arguments: whose, the backend, threads, the file of shapes; prints seconds and bytes. */
    public static void main(String[] args) throws IOException {
        int threads = Integer.parseInt(args[2]);
        double seconds = switch (args[0]) {
            case OURS -> ours(args[1], threads);
            case PEER -> peer(threads, Path.of(args[3]));
            default -> throw new IllegalArgumentException(args[0]);
        };
        System.out.printf("%nresult %s %d%n", seconds, ProcessMemory.peakBytes());
    }

    private static double ours(String device, int threads) {
        try (var backend = Backends.open(device, threads);
                var _ = Scope.open();
                var step =
                        CaseBench.find(Duels.CLAP_STEP, threads).recipe().prepare(new Stage(backend, threads, SEED))) {
            return steps(() -> {
                try (var _ = Scope.open()) {
                    step.run();
                }
            });
        }
    }

    private static double peer(int threads, Path shapes) throws IOException {
        try (var torch = Torch.open(threads)) {
            var weights = new LinkedHashMap<String, PtNDArray>();
            var parameters = new ArrayList<PtNDArray>();
            for (var line : Files.readAllLines(shapes)) {
                var fields = List.of(line.split("\t", -1));
                var weight = torch.random(DEVIATION, dims(fields.get(2)));
                weights.put(fields.get(1), weight);
                if (fields.getFirst().equals("parameter")) {
                    parameters.add(Torch.withGradient(weight));
                }
            }
            return steps(Duels.clapStep(torch, new PeerModel(weights, parameters))::run);
        }
    }

    private static int[] dims(String text) {
        return text.isEmpty()
                ? new int[0]
                : List.of(text.split(",", -1)).stream()
                        .mapToInt(Integer::parseInt)
                        .toArray();
    }

    /** Seconds from the start of the process to the end of the first step; later ones bring out the peak of memory. */
    private static double steps(Runnable step) {
        step.run();
        var start = ProcessHandle.current().info().startInstant().orElseThrow();
        double seconds = 1e-9 * Duration.between(start, Instant.now()).toNanos();
        for (int i = 1; i < STEPS; i++) {
            step.run();
        }
        return seconds;
    }

    // ---------------------------------------------------------------------------------------------- the processes

    /** Runs both processes, one after the other. */
    static List<Report.FirstSteps> measure(Backend backend, int threads, String peerName) {
        try {
            var shapes = Files.createTempFile("jclap-shapes", ".tsv");
            try {
                Files.write(shapes, shapes(backend));
                return List.of(
                        start(OURS, "jclap", backend, threads, shapes),
                        start(PEER, peerName, backend, threads, shapes));
            } finally {
                Files.delete(shapes);
            }
        } catch (IOException e) {
            throw new UserException("the processes of first steps cannot be run: " + e.getMessage(), e);
        }
    }

    /** Kind, name and dimensions of each weight. */
    private static List<String> shapes(Backend backend) {
        try (var clap = new Clap(backend, ClapConfig.base(), SEED)) {
            var trained =
                    clap.weights().parameters().stream().map(Parameter::name).toList();
            return clap.weights().state().entrySet().stream()
                    .filter(entry -> entry.getValue().dtype().isFloating())
                    .map(entry -> line(entry.getKey(), entry.getValue().shape(), trained.contains(entry.getKey())))
                    .toList();
        }
    }

    private static String line(String name, Shape shape, boolean isTrained) {
        var dims = Arrays.stream(shape.toArray()).mapToObj(Integer::toString).collect(Collectors.joining(","));
        return String.join("\t", isTrained ? "parameter" : "buffer", name, dims);
    }

    private static Report.FirstSteps start(String side, String program, Backend backend, int threads, Path shapes)
            throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Measurer.jvmArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), FirstStep.class.getName()));
        command.addAll(List.of(side, backend.name(), Integer.toString(threads), shapes.toString()));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output;
        try (var reader = process.inputReader()) {
            output = reader.readAllAsString();
        }
        var result = output.lines().filter(line -> line.startsWith("result ")).findFirst();
        if (result.isEmpty()) {
            throw new UserException("%s made no first step: %s".formatted(program, output.strip()));
        }
        var fields = result.get().split(" ", -1);
        return new Report.FirstSteps(
                program, Duels.CLAP_STEP, Double.parseDouble(fields[1]), Long.parseLong(fields[2]));
    }
}
