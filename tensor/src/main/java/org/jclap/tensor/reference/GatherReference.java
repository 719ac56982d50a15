package org.jclap.tensor.reference;

import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Gather;
import org.jclap.tensor.op.Op;

/** Embedding look-up: table {@code (V, D)}, ids {@code (...)}. */
final class GatherReference {
    private GatherReference() {}

    static void forward(Gather.Forward op, Tensor table, Tensor ids, Tensor output) {
        Elements rows = Elements.of(table);
        Elements y = Elements.of(output);
        int width = table.shape().dim(1);
        for (int i = 0; i < ids.size(); i++) {
            rows.copyTo(id(op, ids, i, table.shape().dim(0)) * width, y, i * width, width);
        }
    }

    static void backward(Gather.Backward op, Tensor ids, Tensor gradient, Tensor output) {
        double[] dtable = new double[output.size()];
        Elements dy = Elements.of(gradient);
        int width = gradient.shape().last();
        for (int i = 0; i < ids.size(); i++) {
            int row = id(op, ids, i, op.rows());
            for (int d = 0; d < width && row != op.paddingRow(); d++) {
                dtable[row * width + d] += dy.get(i * width + d);
            }
        }
        Elements.store(dtable, output);
    }

    private static int id(Op op, Tensor ids, int i, int rows) {
        int id = (int) Elements.of(ids).get(i);
        if (id < 0 || id >= rows) {
            throw new IndexOutOfBoundsException(
                    "%s: id %d at position %d, the table has %d rows".formatted(op.label(), id, i, rows));
        }
        return id;
    }
}
