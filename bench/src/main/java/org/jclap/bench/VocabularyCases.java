package org.jclap.bench;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;

/** Every op on the small inputs that its tests use: what a call costs before the work counts. */
final class VocabularyCases {
    private VocabularyCases() {}

    static List<BenchCase> all() {
        return OpCases.all().stream().map(VocabularyCases::of).toList();
    }

    private static BenchCase of(OpCase op) {
        return new BenchCase("op/" + op, Work.UNDECLARED, stage -> {
            var inputs = op.inputs(stage.backend(), DType.F32);
            return () -> Tensor.applyAll(op.op(), inputs);
        });
    }
}
