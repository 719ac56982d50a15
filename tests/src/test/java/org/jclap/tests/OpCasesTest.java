package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tests.kit.OpCase;
import org.jclap.tests.kit.OpCases;
import org.junit.jupiter.api.Test;

/** A new op without a case fails here. */
final class OpCasesTest {
    @Test
    void everyOpHasSeveralCases() {
        Set<Object> kinds = new LinkedHashSet<>();
        collect(Op.class, kinds);
        assertTrue(kinds.size() > 50, "the sealed hierarchy was not walked: " + kinds);
        for (Object kind : kinds) {
            long cases = OpCases.all().stream()
                    .filter(single -> kind.equals(kind(single.op())))
                    .count();
            assertTrue(cases >= 3, kind + " has " + cases + " cases in OpCases");
        }
    }

    /** Record classes and enum constants, the leaves of the vocabulary. */
    private static void collect(Class<?> type, Set<Object> kinds) {
        if (type.isEnum()) {
            kinds.addAll(List.of(type.getEnumConstants()));
        } else if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                collect(permitted, kinds);
            }
        } else {
            kinds.add(type);
        }
    }

    private static Object kind(Op op) {
        return op instanceof Enum<?> ? op : op.getClass();
    }

    @Test
    void namesAreUnique() {
        Set<String> names = new HashSet<>();
        for (OpCase single : OpCases.all()) {
            assertTrue(names.add(single.toString()), single + " occurs twice");
        }
    }

    @Test
    void inputsAreTheSameEachTimeAndDifferentiableOnesAreFloating() {
        try (Backend backend = new ReferenceBackend()) {
            for (OpCase single : OpCases.all()) {
                try (Scope _ = Scope.open()) {
                    List<Tensor> inputs = single.inputs(backend, DType.F64);
                    List<Tensor> again = single.inputs(backend, DType.F64);
                    for (int i = 0; i < inputs.size(); i++) {
                        assertEquals(again.get(i).toString(), inputs.get(i).toString(), single::toString);
                    }
                    for (int position : single.differentiable()) {
                        assertEquals(DType.F64, inputs.get(position).dtype(), single::toString);
                    }
                }
            }
            assertEquals(0, backend.memory().liveBuffers(), "buffers are left");
        }
    }
}
