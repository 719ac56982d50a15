package org.jclap.bench.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Convolution;
import org.jclap.tensor.op.Linear;
import org.jclap.tensor.op.MatMul;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Conformance;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;

/**
 * Every op case of the tests, on the device with the libraries and, where those compute it, without them, against the
 * reference. What is found is the worst result of each op and type, as a share of what is permitted.
 */
final class SelfTestPart {
    static final String UNIT = "of permitted error";

    private static final List<DType> TYPES = List.of(DType.F32, DType.BF16, DType.F16);

    private final Findings findings;
    private final List<Backend> backends;
    private final Backend reference = new ReferenceBackend();
    private final Map<String, Worst> worst = new LinkedHashMap<>();

    /** The worst result so far, and in how many cases. */
    private record Worst(double share, String label, int cases) {
        Worst with(double next, OpCase test) {
            return next > share ? new Worst(next, test.label(), cases + 1) : new Worst(share, label, cases + 1);
        }
    }

    /** One case in one type on one backend. */
    private record Trial(OpCase test, DType type, Backend backend, String place) {
        String subject() {
            return "%s %s %s".formatted(test.op().label(), type, place);
        }
    }

    private SelfTestPart(Findings findings, List<Backend> backends) {
        this.findings = findings;
        this.backends = backends;
    }

    static void run(Setting setting, Findings findings) {
        try (var cuda = Cuda.open();
                var own = Cuda.openWithoutLibraries()) {
            findings.machine(cuda);
            var backends = Cuda.hasLibraries(cuda) ? List.of(cuda, own) : List.of(own);
            new SelfTestPart(findings, backends).run(setting);
        }
    }

    /** F32 for all ops first: what fails there fails everywhere. */
    private List<Trial> trials(int stride) {
        var all = OpCases.all();
        var trials = new ArrayList<Trial>();
        for (var type : TYPES) {
            for (var backend : backends) {
                var place = backend == backends.getLast() ? "by own kernels" : "with libraries";
                for (int i = 0; i < all.size(); i += stride) {
                    if (backend == backends.getLast()
                            || isInLibraries(all.get(i).op())) {
                        trials.add(new Trial(all.get(i), type, backend, place));
                    }
                }
            }
        }
        return trials;
    }

    /** An error of the device stays for the rest of the process, an error before it does not. */
    private static boolean answers(Backend backend) {
        try (var one = Tensor.of(backend, Shape.of(1), 1f)) {
            return one.toFloats()[0] == 1;
        } catch (RuntimeException e) {
            return false;
        }
    }

    /** What a library may compute; for everything else both backends have the same kernels. */
    private static boolean isInLibraries(Op op) {
        return op instanceof MatMul || op instanceof Linear || op instanceof Convolution || op instanceof Contrastive;
    }

    private void run(Setting setting) {
        var trials = trials(setting.sizes().caseStride());
        for (int i = setting.from(); i < trials.size(); i++) {
            if (findings.secondsLeft() <= 0) {
                findings.outOfTime("%d of %d cases".formatted(trials.size() - i, trials.size()));
                break;
            }
            var trial = trials.get(i);
            try {
                // What is aligned goes through packs and asynchronous copies, what is not, around them.
                double share = Math.max(
                        Conformance.check(trial.test, trial.type, reference, trial.backend),
                        Conformance.checkAligned(trial.test, trial.type, reference, trial.backend));
                worst.merge(
                        trial.subject(),
                        new Worst(share, trial.test.label(), 1),
                        (before, _) -> before.with(share, trial.test));
            } catch (AssertionError e) {
                findings.fail(String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                findings.fail("%s %s %s: %s".formatted(trial.test, trial.type, trial.place, e));
                if (!answers(trial.backend)) {
                    findings.resumeAt(i + 1);
                    break;
                }
            }
        }
        worst.forEach((subject, result) -> findings.add(Finding.of(findings.name(subject), UNIT, result.share)
                .noting("%d cases, the worst: %s".formatted(result.cases, result.label))));
    }
}
