package org.jclap.tests.kit;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Contrastive;
import org.jclap.tensor.op.Contrastive.Targets;

/** The contrastive loss, below and beyond one tile, below and beyond the clamp. */
final class ContrastiveCases {
    /** ln(1 / 0.07), where training begins. */
    private static final double USUAL = 2.6592600;

    /** e^5.2 > 100: the logits of the best pairs are clamped. */
    private static final double SHARP = 5.2;

    private ContrastiveCases() {}

    static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        for (Targets targets : Targets.values()) {
            for (double beta : new double[] {0, 0.3, 1}) {
                for (int[] size : new int[][] {{1, 3}, {2, 1}, {13, 8}, {37, 33}}) {
                    add(size[0], size[1], USUAL, beta, targets, cases);
                }
                add(13, 8, SHARP, beta, targets, cases);
                add(127, 64, USUAL, beta, targets, cases);
            }
            add(300, 40, USUAL, 0.3, targets, cases);
        }
        return cases;
    }

    private static void add(int n, int width, double logScale, double beta, Targets targets, List<OpCase> cases) {
        String label = "%d x %d, s %.1f, beta %s, %s".formatted(n, width, logScale, beta, targets);
        Contrastive.Forward forward = new Contrastive.Forward(beta, targets, 0.1);
        // Logits grow with e^s, and with them their rounding errors and their part in loss and gradients.
        double scale = Math.exp(Math.min(logScale, Math.log(Contrastive.MAX_LOGIT)));
        cases.add(OpCase.of(forward, label, in -> operands(in, n, width, logScale, beta))
                .differentiable(0, 1, 2)
                .within(n + width, 8, Math.max(scale / 10, gradientOfLogitError(scale, n))));
        cases.add(OpCase.of(new Contrastive.Backward(beta, targets, 0.1), label, in -> {
                    List<Tensor> inputs = operands(in, n, width, logScale, beta);
                    Tensor statistics =
                            in.apply(forward, inputs.toArray(Tensor[]::new)).get(1);
                    List<Tensor> all = new ArrayList<>(inputs.subList(0, 3));
                    all.add(statistics);
                    all.add(in.scalar(0.75));
                    all.addAll(inputs.subList(3, inputs.size()));
                    return all;
                })
                .within(n + width, 8, Math.max(scale / 10, gradientOfLogitError(scale, n))));
    }

    /**
     * A logit of size e^s and the log-sum-exp beside it round by about e^s 2^-24 each, which moves a probability by at most
     * a quarter of that, and the gradient of an embedding is e^s / N times such a difference: e^2s / 2N roundings, a fifth
     * of it with the slack above. It matters where N is small. (Gradients are checked with the tolerance of the forward.)
     */
    private static double gradientOfLogitError(double scale, int n) {
        return scale * scale / (10.0 * n);
    }

    private static List<Tensor> operands(Inputs in, int n, int width, double logScale, double beta) {
        List<Tensor> inputs =
                new ArrayList<>(List.of(in.unitRows(n, width), in.unitRows(n, width), in.scalar(logScale)));
        if (beta > 0) {
            inputs.add(in.unitRows(n, width));
            inputs.add(in.unitRows(n, width + 5));
        }
        return inputs;
    }
}
