package org.jclap.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CacheLineTest {
    @ParameterizedTest
    @EnumSource(DType.class)
    void longTensorsBegin48BytesInTheirArray(DType dtype) {
        try (var backend = new ReferenceBackend();
                var tensor = Tensor.empty(backend, Shape.of(512, 512), dtype)) {
            assertEquals(48, tensor.offset() * dtype.bytes());
        }
    }

    @Test
    void shortTensorsBeginWhereTheirArrayDoes() {
        try (var backend = new ReferenceBackend();
                var tensor = Tensor.empty(backend, Shape.of(1000), DType.F32)) {
            assertEquals(0, tensor.offset());
        }
    }
}
