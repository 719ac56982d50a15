package org.jclap.bench;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Backends;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Times one case: the only class that JMH knows. Each case runs in a Java machine of its own. */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CaseBench {
    /** The name of the case; without one, the first. */
    @Param("gemm/512x512x512")
    public String name = "";

    /** The backend. */
    @Param(Backends.AUTO)
    public String device = "";

    /** The threads of the backend. */
    @Param("1")
    public int threads;

    /** Decides the numbers of the inputs. */
    @Param("1")
    public long seed;

    private @Nullable Prepared prepared;

    /** What lives as long as the case is measured. */
    private record Prepared(Backend backend, Scope scope, Workload workload, Tensor probe, HostStorage answer) {}

    /** Finds the case and makes its inputs. */
    @Setup
    public void prepare() {
        var backend = Backends.open(device, threads);
        var scope = Scope.open();
        var workload = find(name, threads).recipe().prepare(new Stage(backend, threads, seed));
        var probe = Tensor.zeros(backend, Shape.of(1), DType.F32);
        prepared = new Prepared(backend, scope, workload, probe, HostStorage.create(DType.F32, 1));
    }

    /** The case with this name in any suite, or a limit of the machine for this number of threads. */
    public static BenchCase find(String name, int threads) {
        var limits = List.of(PeakCases.multiplyAdds(threads), PeakCases.copy(), PeakCases.microKernel());
        return Stream.of(limits, Suite.ALL.cases(), Suite.RULE.cases(), Suite.VOCABULARY.cases())
                .flatMap(List::stream)
                .filter(c -> c.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no case is named " + name));
    }

    /** Does the work once and waits for its end, which on a GPU the return of the last call is not. */
    @Benchmark
    public void run() {
        var p = Objects.requireNonNull(prepared);
        try (var _ = Scope.open()) {
            p.workload().run();
            p.backend().download(p.probe().storage(), p.probe().offset(), p.answer(), 0, 1);
        }
    }

    /** Gives everything back. */
    @TearDown
    public void close() {
        var p = Objects.requireNonNull(prepared);
        p.workload().close();
        p.scope().close();
        p.backend().close();
    }
}
