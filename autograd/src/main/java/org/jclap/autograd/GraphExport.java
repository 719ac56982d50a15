package org.jclap.autograd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jclap.tensor.Storage;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.TensorType;

/**
 * The recorded graph as data, and as text for Graphviz or another program. It has to be taken before backward, which
 * consumes the tape.
 */
public record GraphExport(List<Vertex> vertices, List<Edge> edges) {
    /** What a vertex stands for. */
    public enum Kind {
        /** A recorded step. */
        OP,
        /** A watched tensor. */
        LEAF,
        /** A tensor that came from outside and has no gradient. */
        CONSTANT
    }

    /**
     * A step or a tensor.
     *
     * @param label the op's label, or the name of a leaf
     * @param detail the op with its constants
     * @param outputs the types of what it makes
     * @param bytes the memory that its outputs hold; a view holds none of its own
     */
    public record Vertex(int id, Kind kind, String label, String detail, List<TensorType> outputs, long bytes) {}

    /** Output number {@code output} of vertex {@code from} is input number {@code input} of vertex {@code to}. */
    public record Edge(int from, int output, int to, int input) {}

    /** Where a tensor comes from. */
    private record Source(int vertex, int output) {}

    /** The graph that a tape holds now. */
    public static GraphExport of(GradTape tape) {
        Builder builder = new Builder();
        tape.leaves().forEach((tensor, leaf) -> builder.tensor(Kind.LEAF, leaf.name(), tensor));
        tape.nodes().forEach(builder::step);
        return new GraphExport(List.copyOf(builder.vertices), List.copyOf(builder.edges));
    }

    private static final class Builder {
        private final List<Vertex> vertices = new ArrayList<>();
        private final List<Edge> edges = new ArrayList<>();
        private final Map<Tensor, Source> sources = new HashMap<>();

        Source tensor(Kind kind, String label, Tensor tensor) {
            int id = vertices.size();
            vertices.add(new Vertex(id, kind, label, label, List.of(tensor.type()), bytes(tensor)));
            Source source = new Source(id, 0);
            sources.put(tensor, source);
            return source;
        }

        void step(Node node) {
            List<Source> inputs = new ArrayList<>();
            Set<Storage> shared = new HashSet<>();
            for (Tensor input : node.inputs()) {
                Source known = sources.get(input);
                inputs.add(known != null ? known : tensor(Kind.CONSTANT, "constant", input));
                if (!input.isClosed()) {
                    shared.add(input.storage());
                }
            }
            int id = vertices.size();
            long bytes = 0;
            for (int i = 0; i < node.outputs().size(); i++) {
                Tensor output = node.outputs().get(i);
                sources.put(output, new Source(id, i));
                bytes += shared.contains(output.storage()) ? 0 : bytes(output);
            }
            String detail = node instanceof Call call ? call.op().toString() : node.label();
            List<TensorType> types = node.outputs().stream().map(Tensor::type).toList();
            vertices.add(new Vertex(id, Kind.OP, node.label(), detail, types, bytes));
            for (int i = 0; i < inputs.size(); i++) {
                edges.add(new Edge(inputs.get(i).vertex(), inputs.get(i).output(), id, i));
            }
        }

        private static long bytes(Tensor tensor) {
            return (long) tensor.size() * tensor.dtype().bytes();
        }
    }

    // ---------------------------------------------------------------------------------------------- text

    /** The graph in Graphviz's language: {@code dot -Tsvg}. */
    public String toDot() {
        StringBuilder dot = new StringBuilder("digraph tape {\n  node [fontname=\"sans-serif\", fontsize=10];\n");
        for (Vertex v : vertices) {
            String style = switch (v.kind()) {
                case OP -> "shape=box";
                case LEAF -> "shape=ellipse, style=filled, fillcolor=lightblue";
                case CONSTANT -> "shape=ellipse, color=gray";
            };
            String types = v.outputs().stream().map(TensorType::toString).collect(Collectors.joining(" "));
            dot.append("  v%d [%s, label=%s, tooltip=%s];\n"
                    .formatted(
                            v.id(),
                            style,
                            quoted(v.label() + "\n" + types + "\n" + v.bytes() + " B"),
                            quoted(v.detail())));
        }
        for (Edge e : edges) {
            dot.append("  v%d -> v%d;\n".formatted(e.from(), e.to()));
        }
        return dot.append("}\n").toString();
    }

    /** The graph as one JSON object with {@code vertices} and {@code edges}, fields as in the records here. */
    public String toJson() {
        StringJoiner nodes = new StringJoiner(",\n  ");
        for (Vertex v : vertices) {
            String types = v.outputs().stream()
                    .map(t -> "{\"dtype\": \"%s\", \"shape\": %s}".formatted(t.dtype(), dims(t)))
                    .collect(Collectors.joining(", "));
            nodes.add("{\"id\": %d, \"kind\": \"%s\", \"label\": %s, \"detail\": %s, \"outputs\": [%s], \"bytes\": %d}"
                    .formatted(v.id(), v.kind(), quoted(v.label()), quoted(v.detail()), types, v.bytes()));
        }
        StringJoiner links = new StringJoiner(",\n  ");
        for (Edge e : edges) {
            links.add("{\"from\": %d, \"output\": %d, \"to\": %d, \"input\": %d}"
                    .formatted(e.from(), e.output(), e.to(), e.input()));
        }
        return "{\n\"vertices\": [\n  %s\n],\n\"edges\": [\n  %s\n]\n}\n".formatted(nodes, links);
    }

    private static String dims(TensorType type) {
        StringJoiner dims = new StringJoiner(", ", "[", "]");
        for (int d : type.shape().toArray()) {
            dims.add(Integer.toString(d));
        }
        return dims.toString();
    }

    /** A string literal that JSON and Graphviz both read. */
    private static String quoted(String text) {
        StringBuilder literal = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> literal.append('\\').append(c);
                case '\n' -> literal.append("\\n");
                default -> literal.append(c < ' ' ? ' ' : c);
            }
        }
        return literal.append('"').toString();
    }
}
