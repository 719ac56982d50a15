package org.jclap.tensor.type;

import java.util.Arrays;
import java.util.StringJoiner;

/**
 * The dimensions of a tensor, outermost first; immutable. A scalar has rank 0 and one element.
 *
 * <p>Axes may be negative and then count from the end. A tensor holds at most 2^31 - 1 elements; anything larger only
 * ever appears in files.
 */
public final class Shape {
    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        long product = 1;
        for (int d : dims) {
            if (d < 0) {
                throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
            }
            product = Math.multiplyExact(product, (long) d);
        }
        if (product > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%s has %d elements, a tensor holds at most 2^31 - 1".formatted(Arrays.toString(dims), product));
        }
        this.dims = dims;
        this.size = (int) product;
    }

    /** The shape with these dimensions. */
    public static Shape of(int... dims) {
        return new Shape(dims.clone());
    }

    /** The number of axes. */
    public int rank() {
        return dims.length;
    }

    /** The number of elements. */
    public int size() {
        return size;
    }

    /** The extent of one axis. */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /** The extent of the last axis. */
    public int last() {
        return dim(-1);
    }

    /** The non-negative number of an axis; throws when it does not exist. */
    public int axis(int axis) {
        int resolved = axis < 0 ? axis + dims.length : axis;
        if (resolved < 0 || resolved >= dims.length) {
            throw new IllegalArgumentException("axis %d of shape %s does not exist".formatted(axis, this));
        }
        return resolved;
    }

    /** The number of elements in the axes {@code [from, to)}; 1 when there are none. */
    public int product(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /** A copy of the dimensions. */
    public int[] toArray() {
        return dims.clone();
    }

    /** This shape with another extent on one axis. */
    public Shape with(int axis, int extent) {
        int[] copy = dims.clone();
        copy[axis(axis)] = extent;
        return new Shape(copy);
    }

    /** This shape without the axes {@code [from, to)}. */
    public Shape without(int from, int to) {
        int[] rest = Arrays.copyOf(dims, dims.length - (to - from));
        System.arraycopy(dims, to, rest, from, dims.length - to);
        return new Shape(rest);
    }

    /** This shape with one more axis at the end. */
    public Shape append(int extent) {
        int[] more = Arrays.copyOf(dims, dims.length + 1);
        more[dims.length] = extent;
        return new Shape(more);
    }

    /**
     * The common shape of two operands: axes are aligned at the end, and an extent of 1 is repeated.
     *
     * @throws IllegalArgumentException when two extents differ and neither is 1
     */
    public static Shape broadcast(Shape a, Shape b) {
        if (!compatible(a, b)) {
            throw new IllegalArgumentException("%s and %s cannot be broadcast together".formatted(a, b));
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] common = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int x = a.fromEnd(i);
            common[rank - i] = x == 1 ? b.fromEnd(i) : x;
        }
        return new Shape(common);
    }

    /** Whether two shapes can be broadcast together. */
    public static boolean compatible(Shape a, Shape b) {
        for (int i = 1; i <= Math.max(a.rank(), b.rank()); i++) {
            int x = a.fromEnd(i);
            int y = b.fromEnd(i);
            if (x != y && x != 1 && y != 1) {
                return false;
            }
        }
        return true;
    }

    /** The extent of the {@code i}-th axis from the end, counted from 1; missing axes have extent 1. */
    private int fromEnd(int i) {
        return i <= dims.length ? dims[dims.length - i] : 1;
    }

    /** Whether broadcasting this shape gives {@code target}. */
    public boolean broadcastsTo(Shape target) {
        return compatible(this, target) && broadcast(this, target).equals(target);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        StringJoiner joiner = new StringJoiner(", ", "(", ")");
        for (int d : dims) {
            joiner.add(Integer.toString(d));
        }
        return joiner.toString();
    }
}
