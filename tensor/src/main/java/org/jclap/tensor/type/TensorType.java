package org.jclap.tensor.type;

/** A shape and an element type: what the shape rules of ops map to each other. */
public record TensorType(Shape shape, DType dtype) {
    /** The same element type with another shape. */
    public TensorType with(Shape other) {
        return new TensorType(other, dtype);
    }

    /** The type of what belongs to many elements of this one, in another shape: see {@link DType#wide}. */
    public TensorType wide(Shape other) {
        return new TensorType(other, dtype.wide());
    }

    @Override
    public String toString() {
        return dtype + shape.toString();
    }
}
