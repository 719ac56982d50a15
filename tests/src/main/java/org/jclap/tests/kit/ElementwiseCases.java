package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Assign;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Cast;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Unary;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/** Functions of single elements, at lengths that are no multiple of any vector length. */
final class ElementwiseCases {
    private static final List<Shape> SHAPES = List.of(
            Shape.of(1),
            Shape.of(13),
            Shape.of(127),
            Shape.of(1021),
            Shape.of(),
            Shape.of(0),
            Shape.of(3, 0, 5),
            Shape.of(2, 1, 13));

    /** Pairs that broadcast in different ways. */
    private static final List<List<Shape>> PAIRS = List.of(
            List.of(Shape.of(1), Shape.of(1)),
            List.of(Shape.of(13), Shape.of(13)),
            List.of(Shape.of(1021), Shape.of(1021)),
            List.of(Shape.of(), Shape.of(3, 4)),
            List.of(Shape.of(3, 4), Shape.of(1)),
            List.of(Shape.of(5, 7), Shape.of(7)),
            List.of(Shape.of(7), Shape.of(5, 7)),
            List.of(Shape.of(5, 7), Shape.of(5, 1)),
            List.of(Shape.of(5, 1), Shape.of(5, 7)),
            List.of(Shape.of(5, 1), Shape.of(1, 7)),
            List.of(Shape.of(2, 3, 5), Shape.of(3, 1)),
            List.of(Shape.of(4, 1, 6), Shape.of(5, 1)),
            List.of(Shape.of(2, 1, 3, 1), Shape.of(1, 5, 1, 7)),
            List.of(Shape.of(2, 127, 33), Shape.of(33)),
            List.of(Shape.of(2, 33, 127), Shape.of(2, 33, 1)),
            List.of(Shape.of(0, 3), Shape.of(1, 3)),
            List.of(Shape.of(0), Shape.of(1)),
            List.of(Shape.of(), Shape.of()));

    /**
     * GELU is {@code x/2 + x (Phi(x) - 1/2)}, whose terms cancel for negative x; beyond -5.4 they are equal in F32. This is
     * their size there.
     */
    private static final double GELU_TERMS = 2.7;

    private ElementwiseCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (Unary f : Unary.values()) {
            unary(f, cases);
        }
        for (Binary f : Binary.values()) {
            binary(f, cases);
        }
        affine(cases);
        cast(cases);
        dropout(cases);
        assign(cases);
        return cases;
    }

    private static void unary(Unary f, List<OpCase> cases) {
        for (Shape shape : SHAPES) {
            cases.add(unary(f, shape.toString(), in -> argument(f, in, shape)).differentiable(0));
        }
        cases.add(unary(f, "tiny", in -> in.uniform(1e-4, 2e-4, Shape.of(37))).differentiable(0));
        cases.add(unary(f, "large", in -> in.uniform(5, 60, Shape.of(37))));
        cases.add(unary(f, "large negative", in -> in.uniform(-60, -5, Shape.of(37))));
        cases.add(OpCase.of(f, "special", in -> List.of(special(f, in))));
    }

    private static OpCase unary(Unary f, String label, Function<Inputs, Tensor> argument) {
        OpCase single = OpCase.of(f, label, in -> List.of(argument.apply(in)));
        return f == Unary.GELU ? single.within(1, Tolerance.ELEMENTWISE.slack(), GELU_TERMS) : single;
    }

    /** Numbers where the function is defined and has no kink. */
    private static Tensor argument(Unary f, Inputs in, Shape shape) {
        return switch (f) {
            case LOG, SQRT, RECIPROCAL -> in.uniform(0.2, 3, shape);
            case ABS, RELU -> in.awayFromZero(shape);
            case NEG, EXP, SQUARE, SIGMOID, TANH, GELU, LOG_SIGMOID -> in.uniform(-3, 3, shape);
        };
    }

    /** Zeros, NaN, overflow; infinities but for GELU, whose product has none at -∞. */
    private static Tensor special(Unary f, Inputs in) {
        double infinity = f == Unary.GELU ? 1e30 : Double.POSITIVE_INFINITY;
        return in.values(Shape.of(9), 0, -0.0, Double.NaN, infinity, -infinity, 1e-30, -1e-30, 200, -200);
    }

    private static void binary(Binary f, List<OpCase> cases) {
        for (List<Shape> pair : PAIRS) {
            OpCase single = OpCase.of(
                    f,
                    pair.get(0) + " " + pair.get(1),
                    in -> List.of(left(f, in, pair.get(0)), right(f, in, pair.get(1))));
            cases.add(f.isDifferentiable() ? single.differentiable(0, 1) : single);
        }
        Shape five = Shape.of(5);
        cases.add(OpCase.of(f, "zeros on the left", in -> List.of(in.values(five, 0, 0, 0, 0, 0), in.uniform(5))));
        cases.add(OpCase.of(
                f, "NaN", in -> List.of(in.values(five, Double.NaN, 1, 2, Double.NaN, 0.5), in.awayFromZero(five))));
    }

    private static Tensor left(Binary f, Inputs in, Shape shape) {
        return switch (f) {
            case ADD, SUB, MUL, DIV -> in.uniform(-2, 2, shape);
            case RELU_BACKWARD, GELU_BACKWARD, ABS_BACKWARD -> in.uniform(-5, 5, shape);
            case SIGMOID_BACKWARD -> in.uniform(0, 1, shape);
            case TANH_BACKWARD -> in.uniform(-1, 1, shape);
        };
    }

    private static Tensor right(Binary f, Inputs in, Shape shape) {
        return f == Binary.DIV ? in.uniform(0.5, 2, shape) : in.uniform(-2, 2, shape);
    }

    private static void affine(List<OpCase> cases) {
        for (Shape shape : SHAPES) {
            Affine op = new Affine(2.5, -1);
            cases.add(OpCase.of(op, shape.toString(), in -> List.of(in.uniform(-1, 1, shape)))
                    .differentiable(0)
                    .within(1, 4, 1));
        }
        cases.add(OpCase.of(new Affine(0, 3), "constant", in -> List.of(in.uniform(13)))
                .differentiable(0));
    }

    private static void cast(List<OpCase> cases) {
        List<DType> portable = List.of(DType.F32, DType.F16, DType.BF16, DType.I32, DType.I64, DType.BOOL);
        for (DType from : portable) {
            for (DType to : portable) {
                for (Shape shape : List.of(Shape.of(0), Shape.of(1), Shape.of(131))) {
                    cases.add(OpCase.of(
                            new Cast(to),
                            from + " to " + to + " " + shape,
                            in -> List.of(in.typed(from, -99, 99, shape))));
                }
            }
        }
        for (DType to : List.of(DType.F16, DType.BF16)) {
            double infinity = Double.POSITIVE_INFINITY;
            cases.add(OpCase.of(
                    new Cast(to),
                    "special to " + to,
                    in -> List.of(in.values(
                            Shape.of(8),
                            0,
                            Double.NaN,
                            infinity,
                            -infinity,
                            1 + 0x1p-8,
                            1 + 0x1p-11,
                            3 * 0x1p-25,
                            1e-30))));
        }
    }

    private static void dropout(List<OpCase> cases) {
        for (float rate : new float[] {0, 0.1f, 0.5f}) {
            for (Shape shape : SHAPES) {
                String label = shape + " rate " + rate;
                cases.add(OpCase.of(new Dropout(rate, 7), label, in -> List.of(in.uniform(-1, 1, shape), in.random()))
                        .differentiable(0));
            }
        }
    }

    private static void assign(List<OpCase> cases) {
        for (Shape shape : SHAPES) {
            cases.add(OpCase.of(new Assign.Fill(1.5), shape.toString(), in -> List.of(in.uniform(-1, 1, shape))));
            cases.add(OpCase.of(
                    new Assign.Copy(),
                    shape.toString(),
                    in -> List.of(in.uniform(-1, 1, shape), in.uniform(-1, 1, shape))));
            cases.add(OpCase.of(
                    new Assign.Accumulate(-0.5),
                    shape.toString(),
                    in -> List.of(in.uniform(-1, 1, shape), in.uniform(-1, 1, shape))));
        }
        Shape shape = Shape.of(131);
        for (DType type : List.of(DType.F16, DType.BF16, DType.I32, DType.I64, DType.BOOL)) {
            cases.add(OpCase.of(new Assign.Fill(1), type.name(), in -> List.of(in.typed(type, -99, 99, shape))));
            cases.add(OpCase.of(
                    new Assign.Copy(),
                    type.name(),
                    in -> List.of(in.typed(type, -99, 99, shape), in.typed(type, -99, 99, shape))));
        }
    }
}
