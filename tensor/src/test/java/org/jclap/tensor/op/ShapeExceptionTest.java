package org.jclap.tensor.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;
import org.junit.jupiter.api.Test;

final class ShapeExceptionTest {
    @Test
    void namesOpInputsAndExpectation() {
        assertEquals(
                "MatMul of [F32(2, 3), F32(4, 5)]: expected equal inner extents"
                        + " (MatMul[transposeA=false, transposeB=false])",
                refusal(new MatMul(false, false), f32(2, 3), f32(4, 5)));
    }

    @Test
    void namesFamilyAndConstant() {
        assertEquals(
                "Binary.ADD of [F32(2), F32(3)]:"
                        + " expected shapes that broadcast: equal extents or 1, aligned at the end (ADD)",
                refusal(Binary.ADD, f32(2), f32(3)));
    }

    @Test
    void refusesMixedAndIntegerTypes() {
        TensorType i32 = new TensorType(Shape.of(2), DType.I32);
        TensorType f16 = new TensorType(Shape.of(2), DType.F16);
        assertEquals("Unary.EXP of [I32(2)]: expected floating inputs of one type (EXP)", refusal(Unary.EXP, i32));
        assertEquals(
                "Binary.MUL of [F32(2), F16(2)]: expected floating inputs of one type (MUL)",
                refusal(Binary.MUL, f32(2), f16));
    }

    @Test
    void refusesAWrongNumberOfInputs() {
        assertEquals(
                "Convolution.Forward of [F32(1, 2, 2, 3)]: expected 2 inputs (Forward[stride=1, padding=1])",
                refusal(new Convolution.Forward(1, 1), f32(1, 2, 2, 3)));
    }

    private static TensorType f32(int... dims) {
        return new TensorType(Shape.of(dims), DType.F32);
    }

    private static String refusal(Op op, TensorType... inputs) {
        var error = assertThrows(ShapeException.class, () -> op.infer(List.of(inputs)));
        return String.valueOf(error.getMessage());
    }
}
