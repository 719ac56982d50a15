package org.jclap.tests.kit;

import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;

/**
 * One op with inputs to try it on; serves conformance, gradient check and benchmarks.
 *
 * @param label what is special about this case
 * @param op what is computed
 * @param recipe makes the inputs
 * @param differentiable the positions of the inputs whose gradient finite differences can check
 * @param tolerance how far another backend may be away from the reference in F32
 */
public record OpCase(String label, Op op, Recipe recipe, List<Integer> differentiable, Tolerance tolerance) {
    /** Makes the inputs of an op. */
    @FunctionalInterface
    public interface Recipe {
        /** The inputs, in the order of the op. */
        List<Tensor> make(Inputs in);
    }

    /** A case without differentiable inputs, with the tolerance of elementwise functions. */
    static OpCase of(Op op, String label, Recipe recipe) {
        return new OpCase(label, op, recipe, List.of(), Tolerance.ELEMENTWISE);
    }

    /** This case with the inputs of these positions differentiable. */
    OpCase differentiable(int... positions) {
        return new OpCase(label, op, recipe, IntStream.of(positions).boxed().toList(), tolerance);
    }

    /** This case with another tolerance, see {@link Tolerance}. */
    public OpCase within(int terms, double slack, double magnitude) {
        return new OpCase(label, op, recipe, differentiable, new Tolerance(terms, slack, magnitude));
    }

    /** This case with the tolerance of sums of that many terms. */
    OpCase within(int terms) {
        return within(terms, Tolerance.ELEMENTWISE.slack(), 0);
    }

    /** The inputs on a backend, floating ones in this type: the same numbers each time. */
    public List<Tensor> inputs(Backend backend, DType floating) {
        return recipe.make(new Inputs(backend, floating, generator()));
    }

    /** Where the numbers of the inputs come from. */
    public Generator generator() {
        return new Generator(toString().hashCode());
    }

    /** The op and what is special, which is unique among all cases. */
    @Override
    public String toString() {
        return "%s %s".formatted(op.label(), label);
    }
}
