package org.jclap.tests.kit;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Golden files: values computed with PyTorch, in {@code golden/} of the test resources or in the directory {@code
 * -Djclap.golden}. Their inputs that are not in the file follow from names, see {@link #unit}.
 */
public final class Golden {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private static final Pattern NORMALISATION = Pattern.compile("(^|\\.)(bn\\d*|LayerNorm|layer_norm)\\.weight$");

    private Golden() {}

    /** Opens {@code NAME.safetensors}. */
    public static Safetensors open(String name) {
        return Safetensors.read(directory().resolve(name + ".safetensors"));
    }

    private static Path directory() {
        @Nullable String chosen = System.getProperty("jclap.golden");
        if (chosen != null) {
            return Path.of(chosen);
        }
        URL resources = Golden.class.getClassLoader().getResource("golden");
        if (resources == null) {
            throw new IllegalStateException(
                    "no golden files on the class path; give their directory with -Djclap.golden");
        }
        try {
            return Path.of(resources.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("golden files at " + resources, e);
        }
    }

    /** The elements of a tensor of a file. */
    public static double[] doubles(Safetensors file, String name) {
        HostStorage elements = file.elements(name);
        double[] values = new double[elements.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = elements.get(i);
        }
        return values;
    }

    /**
     * {@code count} pseudo-random numbers in [-1, 1), exact in F32, that belong to a name: splitmix64 (Steele, Lea and
     * Flood, OOPSLA 2014) from the FNV-1a hash of {@code salt/name}, 24 bits each.
     */
    public static float[] unit(String salt, String name, int count) {
        long state = FNV_OFFSET;
        for (byte b : (salt + "/" + name).getBytes(StandardCharsets.UTF_8)) {
            state = (state ^ (b & 0xFF)) * FNV_PRIME;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            long z = state + (i + 1) * 0x9E3779B97F4A7C15L;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            values[i] = (z >>> 40) * 0x1p-23f - 1;
        }
        return values;
    }

    /** The values of a model's parameter {@code name}: {@link #unit} of prefix and name, scaled as its last part tells. */
    public static float[] fill(String salt, String prefix, String name, Shape shape) {
        Scaling scaling = scaling(name, shape);
        float[] values = unit(salt, prefix + name, shape.size());
        for (int i = 0; i < values.length; i++) {
            values[i] = scaling.shift + scaling.factor * values[i];
        }
        return values;
    }

    private record Scaling(float shift, float factor) {}

    private static Scaling scaling(String name, Shape shape) {
        if (name.endsWith("logit_scale")) {
            return new Scaling((float) Math.log(1 / 0.07), 0);
        }
        if (name.endsWith("running_var")) {
            return new Scaling(1, 0.5f);
        }
        if (name.endsWith("running_mean") || name.endsWith("bias")) {
            return new Scaling(0, 0.1f);
        }
        if (NORMALISATION.matcher(name).find()) {
            return new Scaling(1, 0.1f);
        }
        if (name.endsWith("_embeddings.weight")) {
            return new Scaling(0, 0.5f);
        }
        int fanIn = shape.product(1, shape.rank());
        return new Scaling(0, (float) Math.sqrt(3.0 / fanIn));
    }
}
