package org.jclap.autograd.optim;

import java.util.ArrayList;
import java.util.List;
import org.jclap.autograd.Parameter;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Reduction;

/**
 * Bounds the Euclidean norm of all gradients together.
 *
 * @param norm the norm before clipping; not finite when a gradient is not
 * @param gradScale the factor for {@link Optimizer#step}, which costs no pass of its own
 */
public record GradientClip(double norm, double gradScale) {
    /** Keeps the quotient finite, as PyTorch's clip_grad_norm_ does. */
    private static final double EPSILON = 1e-6;

    /** The norm of the gradients, and the factor {@code min(1, max / (norm + 1e-6))}. */
    public static GradientClip byGlobalNorm(List<Parameter> parameters, double max) {
        return byGlobalNorm(parameters, max, 1);
    }

    /** As above for gradients that a loss scale has multiplied: the norm is that of the true ones, the factor undoes both. */
    public static GradientClip byGlobalNorm(List<Parameter> parameters, double max, double lossScale) {
        List<Tensor> gradients = new ArrayList<>();
        for (Parameter parameter : parameters) {
            Tensor gradient = parameter.grad();
            if (gradient != null) {
                gradients.add(gradient);
            }
        }
        double norm = norm(gradients) / lossScale;
        return new GradientClip(norm, Math.min(1, max / (norm + EPSILON)) / lossScale);
    }

    private static double norm(List<Tensor> gradients) {
        if (gradients.isEmpty()) {
            return 0;
        }
        try (Tensor squares =
                Tensor.applyAll(new Reduction.SumOfSquares(), gradients).getFirst()) {
            return Math.sqrt(squares.item());
        }
    }
}
