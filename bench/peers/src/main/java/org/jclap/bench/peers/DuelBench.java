package org.jclap.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jclap.bench.CaseBench;
import org.jclap.bench.Stage;
import org.jclap.bench.Workload;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Times one duel in one process: the sides take turns, an iteration each. Single runs are sampled, so that the median of an
 * iteration can be taken: a run now and then takes ten times as long, when PyTorch needs fresh memory or Java collects its.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class DuelBench {
    /** For threads that wait for more work of the side before by spinning: then they have gone to sleep. */
    private static final long PAUSE_MILLIS = 30;

    /** The name of the duel. */
    @Param("gemm/1024x1024x1024")
    public String name = "";

    /** Our backend. */
    @Param("vector")
    public String device = "";

    /** The threads of each side. */
    @Param("1")
    public int threads;

    /** Decides the numbers of the inputs. */
    @Param("1")
    public long seed;

    /** The limit of the machine that takes turns with both. */
    @Param("limit/multiply-add")
    public String limit = "";

    /** How many take turns: we, the first variants of the peer, and the limit. */
    @Param("3")
    public int sides;

    private @Nullable Prepared prepared;
    private int turn;
    private Runnable side = () -> {};

    /** What lives as long as the duel is measured; the first program is ours, the last the limit. */
    private record Prepared(
            Backend backend, Scope scope, Workload ours, Workload limit, Torch torch, List<Runnable> programs) {}

    /** Makes both sides' inputs, and checks that their answers agree. */
    @Setup
    public void prepare() {
        var duel = Duels.find(name);
        var backend = Backends.open(device, threads);
        var stage = new Stage(backend, threads, seed);
        var scope = Scope.open();
        var ours = duel.ours(threads).recipe().prepare(stage);
        var bound = CaseBench.find(limit, threads).recipe().prepare(stage);
        var torch = Torch.open(threads);
        var programs = new ArrayList<Runnable>();
        programs.add(inScope(ours));
        var answers = answers(ours);
        for (var variant : duel.variantNames(sides - 2)) {
            var call = opponent(duel.variants().get(variant), stage, torch);
            Agreement.check(name + ", " + variant, answers, call.answers(), duel.tolerance());
            call.settle();
            programs.add(call::run);
        }
        programs.add(inScope(bound));
        prepared = new Prepared(backend, scope, ours, bound, torch, programs);
    }

    private static Runnable inScope(Workload workload) {
        return () -> {
            try (var _ = Scope.open()) {
                workload.run();
            }
        };
    }

    private static List<float[]> answers(Workload ours) {
        try (var _ = Scope.open()) {
            return ours.run().stream().map(Tensor::toFloats).toList();
        }
    }

    private static Torch.Call opponent(Duel.@Nullable Opponent opponent, Stage stage, Torch torch) {
        try (var _ = Scope.open()) {
            return Objects.requireNonNull(opponent).prepare(stage, torch);
        }
    }

    /** Passes the turn to the next side. */
    @Setup(Level.Iteration)
    public void next() throws InterruptedException {
        side = Objects.requireNonNull(prepared).programs().get(turn++ % sides);
        Thread.sleep(PAUSE_MILLIS);
    }

    /** Does the work of the side whose turn it is. */
    @Benchmark
    public void run() {
        side.run();
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
        var p = Objects.requireNonNull(prepared);
        p.torch().close();
        p.ours().close();
        p.limit().close();
        p.scope().close();
        p.backend().close();
    }
}
