package org.jclap.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jclap.autograd.GraphExport.Edge;
import org.jclap.autograd.GraphExport.Kind;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.reference.ReferenceBackend;
import org.jclap.tensor.type.Shape;
import org.junit.jupiter.api.Test;

class GraphExportTest {
    @Test
    void showsOpsLeavesConstantsAndMemory() {
        Backend backend = new ReferenceBackend();
        try (Scope _ = Scope.open()) {
            Parameter w = new Parameter("odd \"name\"", Tensor.of(backend, Shape.of(2, 3), new float[6]));
            Tensor x = Tensor.of(backend, Shape.of(4, 3), new float[12]);
            GradTape tape = new GradTape();
            tape.watch(List.of(w));
            Tensor loss = tape.record(() -> {
                Tensor y = Ops.matmul(x, w.value(), false, true);
                return Ops.sum(Checkpoint.run(() -> Ops.relu(Ops.reshape(y, 8))));
            });
            GraphExport graph = GraphExport.of(tape);

            assertEquals(
                    List.of(Kind.LEAF, Kind.CONSTANT, Kind.OP, Kind.OP, Kind.OP, Kind.OP),
                    graph.vertices().stream().map(GraphExport.Vertex::kind).toList());
            assertEquals(
                    List.of("MatMul", "Checkpoint", "Reduction.Reduce", "Layout.Reshape"),
                    graph.vertices().stream()
                            .skip(2)
                            .map(GraphExport.Vertex::label)
                            .toList());
            // The matrix holds 4 x 2 floats; the last reshape is a view.
            assertEquals(32, graph.vertices().get(2).bytes());
            assertEquals(0, graph.vertices().getLast().bytes());
            assertEquals(
                    List.of(new Edge(1, 0, 2, 0), new Edge(0, 0, 2, 1), new Edge(2, 0, 3, 0)),
                    graph.edges().subList(0, 3));

            String dot = graph.toDot();
            assertTrue(dot.startsWith("digraph") && dot.contains("v1 -> v2;") && dot.contains("odd \\\"name\\\""), dot);
            String json = graph.toJson();
            assertTrue(json.contains("\"label\": \"odd \\\"name\\\"\""), json);
            assertTrue(json.contains("{\"dtype\": \"F32\", \"shape\": [4, 2]}"), json);
            assertTrue(json.contains("{\"from\": 2, \"output\": 0, \"to\": 3, \"input\": 0}"), json);

            tape.backward(loss);
            assertThrows(IllegalStateException.class, () -> GraphExport.of(tape));
            w.close();
        }
        assertEquals(0, backend.memory().liveBuffers());
    }
}
