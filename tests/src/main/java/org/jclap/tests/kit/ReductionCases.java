package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jclap.tensor.op.Reduction.Kind;
import org.jclap.tensor.op.Reduction.MaxBackward;
import org.jclap.tensor.op.Reduction.Reduce;
import org.jclap.tensor.op.Reduction.SumOfSquares;
import org.jclap.tensor.type.Shape;

/** Reductions along the first, middle, last and several axes. */
final class ReductionCases {
    /** A shape and the axes {@code [from, to)} of it. */
    private record Range(Shape shape, int from, int to) {
        boolean isEmpty() {
            return shape.product(from, to) == 0;
        }
    }

    private static final List<Range> RANGES = List.of(
            new Range(Shape.of(1), 0, 1),
            new Range(Shape.of(13), 0, 1),
            new Range(Shape.of(1021), 0, 1),
            new Range(Shape.of(70_001), 0, 1),
            new Range(Shape.of(5, 127), 1, 2),
            new Range(Shape.of(127, 5), 0, 1),
            new Range(Shape.of(1021, 33), 0, 1),
            new Range(Shape.of(3, 7, 11), 1, 2),
            new Range(Shape.of(3, 7, 11), 0, 2),
            new Range(Shape.of(3, 7, 11), 1, 3),
            new Range(Shape.of(2, 13, 1), 2, 3),
            new Range(Shape.of(3, 5), 1, 1),
            new Range(Shape.of(), 0, 0),
            new Range(Shape.of(0, 3), 1, 2),
            new Range(Shape.of(0, 3), 0, 1),
            new Range(Shape.of(2, 0, 3), 1, 3));

    private ReductionCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (Range range : RANGES) {
            for (Kind kind : Kind.values()) {
                if (kind != Kind.MAX || !range.isEmpty()) {
                    reduce(kind, range, cases);
                }
            }
            if (!range.isEmpty()) {
                maxBackward(range, cases);
            }
        }
        cases.add(OpCase.of(
                new Reduce(Kind.MAX, 0, 1, false),
                "NaN wins",
                in -> List.of(in.values(Shape.of(3, 2), 1, Double.NaN, Double.NaN, 2, 5, 3))));
        cases.add(OpCase.of(
                new Reduce(Kind.MAX, 1, 2, false),
                "all -infinity",
                in -> List.of(in.values(Shape.of(1, 2), Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY))));
        cases.add(OpCase.of(
                new MaxBackward(1, 2),
                "ties",
                in -> List.of(in.values(Shape.of(2, 4), 1, 3, 3, 2, 5, 5, 5, 5), in.uniform(2))));
        for (int n : new int[] {1023, 1024, 1025, 2500}) {
            double[] values = IntStream.range(0, 3 * n).mapToDouble(i -> i % 7).toArray();
            cases.add(OpCase.of(
                    new MaxBackward(1, 2),
                    "ties in rows of " + n,
                    in -> List.of(in.values(Shape.of(3, n), values), in.uniform(3))));
        }
        cases.add(OpCase.of(
                new MaxBackward(0, 1),
                "NaN wins, the first of them",
                in -> List.of(in.values(Shape.of(4), 1, Double.NaN, 7, Double.NaN), in.uniform())));
        cases.add(OpCase.of(new SumOfSquares(), "one", in -> List.of(in.uniform(1021)))
                .differentiable(0)
                .within(1021));
        cases.add(OpCase.of(new SumOfSquares(), "empty", in -> List.of(in.uniform(0)))
                .differentiable(0));
        cases.add(OpCase.of(
                        new SumOfSquares(),
                        "many",
                        in -> List.of(in.uniform(13), in.uniform(0), in.uniform(127, 33), in.uniform(), in.uniform(1)))
                .differentiable(0, 1, 2, 3, 4)
                .within(127 * 33));
        return cases;
    }

    private static void reduce(Kind kind, Range range, List<OpCase> cases) {
        int terms = range.shape.product(range.from, range.to);
        for (boolean keep : new boolean[] {false, true}) {
            Reduce op = new Reduce(kind, range.from, range.to, keep);
            String label =
                    "%s of %s axes %d to %d%s".formatted(kind, range.shape, range.from, range.to, keep ? " kept" : "");
            OpCase single = OpCase.of(
                    op,
                    label,
                    in -> List.of(kind == Kind.MAX ? in.distinct(range.shape) : in.uniform(-1, 1, range.shape)));
            cases.add(single.differentiable(0).within(terms, 4, kind == Kind.SUM ? 1 : 1.0 / Math.max(1, terms)));
        }
    }

    private static void maxBackward(Range range, List<OpCase> cases) {
        Shape reduced = range.shape.without(range.from, range.to);
        String label = "%s axes %d to %d".formatted(range.shape, range.from, range.to);
        cases.add(OpCase.of(
                new MaxBackward(range.from, range.to),
                label,
                in -> List.of(in.distinct(range.shape), in.uniform(-1, 1, reduced))));
    }
}
