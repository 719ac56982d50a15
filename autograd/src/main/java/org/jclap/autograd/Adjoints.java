package org.jclap.autograd;

import java.util.HashMap;
import java.util.Map;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The gradients that backward has summed so far, by the tensor they belong to. */
final class Adjoints {
    private final Map<Tensor, Tensor> sums = new HashMap<>();

    /**
     * Adds a contribution, which is taken over. The sum is a new tensor: two gradients may share one storage (both
     * operands of an addition receive the same one), so adding in place would change a stranger. The traffic is the same.
     */
    void add(Tensor tensor, Tensor gradient) {
        Tensor sum = sums.get(tensor);
        if (sum == null) {
            sums.put(tensor, gradient);
        } else {
            sums.put(tensor, Ops.add(sum, gradient));
            sum.close();
            gradient.close();
        }
    }

    /** Removes and returns the gradient of a tensor; null when nothing has arrived. */
    @Nullable
    Tensor take(Tensor tensor) {
        return sums.remove(tensor);
    }
}
