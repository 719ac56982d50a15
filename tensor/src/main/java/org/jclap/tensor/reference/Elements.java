package org.jclap.tensor.reference;

import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Tensor;

/** The elements of one tensor, counted from its own beginning, as doubles whatever their type. */
record Elements(HostStorage storage, int offset, int size) {
    static Elements of(Tensor tensor) {
        return new Elements(tensor.host(), tensor.offset(), tensor.size());
    }

    double get(int i) {
        return storage.get(offset + i);
    }

    void set(int i, double value) {
        storage.set(offset + i, value);
    }

    /** Element {@code i} of an I64 tensor, with all its bits. */
    long getLong(int i) {
        return storage.longs()[offset + i];
    }

    /** Moves {@code length} elements as they are, bit for bit, into a tensor of the same type. */
    void copyTo(int from, Elements target, int to, int length) {
        System.arraycopy(storage.array(), offset + from, target.storage.array(), target.offset + to, length);
    }

    /** A copy of all elements, for loops that read each of them many times. */
    static double[] copy(Tensor tensor) {
        Elements elements = of(tensor);
        double[] values = new double[elements.size];
        for (int i = 0; i < values.length; i++) {
            values[i] = elements.get(i);
        }
        return values;
    }

    /** Stores as many values as the tensor has elements. */
    static void store(double[] values, Tensor tensor) {
        Elements elements = of(tensor);
        for (int i = 0; i < values.length; i++) {
            elements.set(i, values[i]);
        }
    }
}
