package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Affine;
import org.jclap.tensor.op.Binary;
import org.jclap.tensor.op.Dropout;
import org.jclap.tensor.op.Unary;

/** One element of the result from one element of each input; the functions themselves are in {@link ScalarMath}. */
final class ElementwiseReference {
    private ElementwiseReference() {}

    static void unary(Unary function, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            y.set(i, ScalarMath.unary(function, x.get(i)));
        }
    }

    static void binary(Binary function, Tensor left, Tensor right, Tensor output) {
        Elements a = Elements.of(left);
        Elements b = Elements.of(right);
        Elements y = Elements.of(output);
        IndexMap indexA = IndexMap.broadcast(left.shape(), output.shape());
        IndexMap indexB = IndexMap.broadcast(right.shape(), output.shape());
        for (int i = 0; i < y.size(); i++) {
            y.set(i, ScalarMath.binary(function, a.get(indexA.source(i)), b.get(indexB.source(i))));
        }
    }

    static void affine(Affine op, Tensor input, Tensor output) {
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            y.set(i, op.scale() * x.get(i) + op.shift());
        }
    }

    static void cast(Tensor input, Tensor output) {
        if (input.dtype() == output.dtype()) {
            AssignReference.copy(input, output);
            return;
        }
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            y.set(i, x.get(i));
        }
    }

    static void dropout(Dropout op, Tensor input, Tensor random, Tensor output) {
        DropoutMask mask = DropoutMask.of(op.rate(), op.stream(), random);
        Elements x = Elements.of(input);
        Elements y = Elements.of(output);
        for (int i = 0; i < y.size(); i++) {
            y.set(i, mask.apply(i, x.get(i)));
        }
    }
}
