package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.op.BroadcastTo;
import org.jclap.tensor.op.Layout;
import org.jclap.tensor.op.Op;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Ops that move elements. */
final class LayoutCases {
    private LayoutCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        add(cases, new Layout.Reshape(Shape.of(7, 13)), Shape.of(13, 7));
        add(cases, new Layout.Reshape(Shape.of()), Shape.of(1, 1));
        add(cases, new Layout.Reshape(Shape.of(0, 5)), Shape.of(3, 0));
        permute(cases);
        slicePad(cases);
        concat(cases);
        broadcast(cases);
        for (DType type : List.of(DType.F16, DType.BF16, DType.I32, DType.I64, DType.BOOL)) {
            typed(cases, type);
        }
        return cases;
    }

    private static void add(List<OpCase> cases, Op op, Shape shape) {
        cases.add(OpCase.of(op, op + " of " + shape, in -> List.of(in.uniform(-1, 1, shape)))
                .differentiable(0));
    }

    private static void permute(List<OpCase> cases) {
        add(cases, new Layout.Permute(List.of(1, 0)), Shape.of(127, 33));
        add(cases, new Layout.Permute(List.of(1, 0)), Shape.of(1, 13));
        add(cases, new Layout.Permute(List.of(1, 0)), Shape.of(0, 13));
        add(cases, new Layout.Permute(List.of(0, 2, 1)), Shape.of(3, 17, 64));
        add(cases, new Layout.Permute(List.of(2, 0, 1)), Shape.of(5, 7, 11));
        add(cases, new Layout.Permute(List.of(0, 2, 1, 3)), Shape.of(2, 5, 3, 7));
        add(cases, new Layout.Permute(List.of(0, 2, 3, 1)), Shape.of(2, 3, 13, 10));
        add(cases, new Layout.Permute(List.of(3, 2, 1, 0)), Shape.of(2, 3, 5, 7));
        add(cases, new Layout.Permute(List.of(0, 1)), Shape.of(3, 5));
        add(cases, new Layout.Permute(List.of()), Shape.of());
    }

    private static void slicePad(List<OpCase> cases) {
        add(cases, new Layout.Slice(0, 1, 3), Shape.of(5, 7));
        add(cases, new Layout.Slice(1, 2, 7), Shape.of(5, 13));
        add(cases, new Layout.Slice(1, 0, 1), Shape.of(3, 5, 127));
        add(cases, new Layout.Slice(2, 1, 2), Shape.of(3, 5, 7));
        add(cases, new Layout.Slice(1, 2, 2), Shape.of(3, 5));
        add(cases, new Layout.Pad(0, 2, 1), Shape.of(3, 5));
        add(cases, new Layout.Pad(1, 0, 3), Shape.of(3, 127, 2));
        add(cases, new Layout.Pad(1, 1, 0), Shape.of(13, 1));
        add(cases, new Layout.Pad(0, 2, 2), Shape.of(0, 3));
        add(cases, new Layout.Pad(0, 0, 0), Shape.of(3));
    }

    private static void concat(List<OpCase> cases) {
        cases.add(OpCase.of(new Layout.Concat(0), "one", in -> List.of(in.uniform(3, 5)))
                .differentiable(0));
        cases.add(OpCase.of(
                        new Layout.Concat(0),
                        "rows",
                        in -> List.of(in.uniform(3, 5), in.uniform(0, 5), in.uniform(1, 5)))
                .differentiable(0, 1, 2));
        cases.add(OpCase.of(
                        new Layout.Concat(1),
                        "columns",
                        in -> List.of(in.uniform(7, 13), in.uniform(7, 1), in.uniform(7, 127)))
                .differentiable(0, 1, 2));
        cases.add(OpCase.of(new Layout.Concat(1), "middle", in -> List.of(in.uniform(2, 3, 5), in.uniform(2, 4, 5)))
                .differentiable(0, 1));
    }

    private static void broadcast(List<OpCase> cases) {
        add(cases, new BroadcastTo(Shape.of(13)), Shape.of());
        add(cases, new BroadcastTo(Shape.of(5, 13)), Shape.of(13));
        add(cases, new BroadcastTo(Shape.of(5, 13)), Shape.of(5, 1));
        add(cases, new BroadcastTo(Shape.of(2, 3, 5, 7)), Shape.of(3, 1, 7));
        add(cases, new BroadcastTo(Shape.of(0, 7)), Shape.of(1, 7));
        add(cases, new BroadcastTo(Shape.of(3, 127)), Shape.of(3, 127));
    }

    private static void typed(List<OpCase> cases, DType type) {
        Shape shape = Shape.of(5, 13, 3);
        List<Layout> ops = List.of(
                new Layout.Permute(List.of(2, 1, 0)),
                new Layout.Slice(1, 2, 7),
                new Layout.Pad(1, 2, 1),
                new Layout.Concat(1));
        for (Layout op : ops) {
            cases.add(OpCase.of(op, type.name(), in -> List.of(in.typed(type, -99, 99, shape))));
        }
    }
}
