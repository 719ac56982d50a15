package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.type.Shape;

/** Embedding look-up and attention. */
final class LookupCases {
    private LookupCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        gather(new int[] {3, 7}, 13, 33, cases);
        gather(new int[] {127}, 5, 1, cases);
        gather(new int[] {2, 100}, 1021, 64, cases);
        gather(new int[] {}, 4, 3, cases);
        gather(new int[] {0}, 4, 3, cases);
        gather(new int[] {2, 2}, 1, 5, cases);
        // Around what a block sorts at once, several of them, and one id everywhere.
        gather(new int[] {2048}, 19, 3, cases);
        gather(new int[] {3, 683}, 1021, 2, cases);
        gather(new int[] {16_391}, 37, 2, cases);
        gather(new int[] {4111}, 1, 3, cases);
        for (float rate : new float[] {0, 0.25f}) {
            attention(2, 7, 3, 5, rate, cases);
            attention(3, 33, 2, 64, rate, cases);
            attention(1, 127, 1, 13, rate, cases);
            attention(2, 100, 4, 16, rate, cases);
            attention(0, 5, 2, 4, rate, cases);
            attention(2, 0, 2, 4, rate, cases);
        }
        // The score of a lone key has no gradient. What is left is the error of dout out against dout (dropout(1) v):
        // backward reads the output as it is stored. There is none where dropout multiplies by 1 or 2.
        attention(1, 1, 1, 1, 0, cases);
        attention(1, 1, 1, 1, 0.5f, cases);
        return cases;
    }

    private static void gather(int[] ids, int rows, int width, List<OpCase> cases) {
        Shape shape = Shape.of(ids);
        for (int padding : new int[] {-1, 0}) {
            String label = "%s of (%d, %d), padding row %d".formatted(shape, rows, width, padding);
            OpCase forward = OpCase.of(
                    new Gather.Forward(padding), label, in -> List.of(in.uniform(rows, width), in.ids(rows, ids)));
            // The padding row has no gradient by decree, which finite differences cannot know.
            cases.add(padding < 0 ? forward.differentiable(0) : forward);
            cases.add(OpCase.of(
                            new Gather.Backward(rows, padding),
                            label,
                            in -> List.of(in.ids(rows, ids), in.uniform(-1, 1, shape.append(width))))
                    .within(shape.size(), 4, 1));
        }
    }

    private static void attention(int batch, int length, int heads, int width, float rate, List<OpCase> cases) {
        Shape shape = Shape.of(batch, length, heads * width);
        String label = "%s with %d heads, rate %s".formatted(shape, heads, rate);
        Attention.Forward forward = new Attention.Forward(heads, rate, 5);
        cases.add(OpCase.of(forward, label, in -> operands(in, shape, rate))
                .differentiable(0, 1, 2)
                .within(length + width, 4, 1));
        cases.add(OpCase.of(new Attention.Backward(heads, rate, 5), label, in -> {
                    List<Tensor> inputs = operands(in, shape, rate);
                    List<Tensor> results = in.apply(forward, inputs.toArray(Tensor[]::new));
                    List<Tensor> all = new ArrayList<>(inputs.subList(0, 4));
                    all.addAll(results);
                    all.add(in.uniform(-1, 1, shape));
                    all.addAll(inputs.subList(4, inputs.size()));
                    return all;
                })
                .within(length + width, 8, 1));
    }

    private static List<Tensor> operands(Inputs in, Shape shape, float rate) {
        List<Tensor> inputs = new ArrayList<>(List.of(
                in.uniform(-2, 2, shape),
                in.uniform(-2, 2, shape),
                in.uniform(-1, 1, shape),
                in.mask(shape.dim(0), shape.dim(1))));
        if (rate > 0) {
            inputs.add(in.random());
        }
        return inputs;
    }
}
