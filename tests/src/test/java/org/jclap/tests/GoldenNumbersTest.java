package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.Test;

/** The rule by which golden files fill parameters, held against a file that holds them all. */
final class GoldenNumbersTest {
    @Test
    void parametersFollowFromTheirNames() {
        Safetensors golden = Golden.open("tiny_clap");
        String salt = golden.metadata().get("salt");
        List<String> names = golden.names().stream()
                .filter(name -> name.startsWith("param."))
                .toList();
        assertTrue(names.size() > 100, "parameters in " + golden.path());
        for (String name : names) {
            String parameter = name.substring("param.".length());
            float[] expected = Arrays.copyOf(
                    golden.elements(name).floats(), golden.entry(name).shape().size());
            float[] actual =
                    Golden.fill(salt, "tiny.", parameter, golden.entry(name).shape());
            assertArrayEquals(expected, actual, 2e-7f, parameter);
        }
    }
}
