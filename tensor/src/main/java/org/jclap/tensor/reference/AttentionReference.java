package org.jclap.tensor.reference;

import java.util.List;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.Attention;

/** Attention of one head and one query after the other; where the numbers lie is in {@link AttentionHeads}. */
final class AttentionReference {
    private AttentionReference() {}

    static void forward(Attention.Forward op, List<Tensor> in, List<Tensor> out) {
        AttentionHeads heads = new AttentionHeads(op.heads(), in);
        DropoutMask dropout = DropoutMask.ofLast(op.rate(), op.stream(), in);
        double[] v = Elements.copy(in.get(2));
        double[] y = new double[v.length];
        Elements logSums = Elements.of(out.get(1));
        for (int head = 0; head < heads.count(); head++) {
            for (int query = 0; query < heads.length(); query++) {
                double[] scores = heads.scores(head, query);
                double logSum = SoftmaxReference.logSumExp(scores);
                double[] p = SoftmaxReference.softmax(scores);
                for (int key = 0; key < p.length; key++) {
                    double dropped = dropout.apply(heads.element(head, query, key), p[key]);
                    for (int d = 0; d < heads.width(); d++) {
                        y[heads.at(head, query, d)] += dropped * v[heads.at(head, key, d)];
                    }
                }
                logSums.set(head * heads.length() + query, logSum);
            }
        }
        Elements.store(y, out.get(0));
    }

    /**
     * With P the probabilities, D their dropout, and dP = D(dy vᵀ): {@code dv = D(P)ᵀ dy}, and {@code dS = P (dP - Σ P
     * dP)} for each row of the scores. P is computed again from the scores, its definition; the log-sum-exp serves
     * backends that go by tiles.
     */
    static void backward(Attention.Backward op, List<Tensor> in, List<Tensor> out) {
        AttentionHeads heads = new AttentionHeads(op.heads(), in);
        DropoutMask dropout = DropoutMask.ofLast(op.rate(), op.stream(), in);
        double[] v = Elements.copy(in.get(2));
        double[] dy = Elements.copy(in.get(6));
        double[] dq = new double[v.length];
        double[] dk = new double[v.length];
        double[] dv = new double[v.length];
        for (int head = 0; head < heads.count(); head++) {
            for (int query = 0; query < heads.length(); query++) {
                double[] p = SoftmaxReference.softmax(heads.scores(head, query));
                double[] dp = new double[p.length];
                double sum = 0;
                for (int key = 0; key < p.length; key++) {
                    int element = heads.element(head, query, key);
                    double dot = 0;
                    for (int d = 0; d < heads.width(); d++) {
                        dot += dy[heads.at(head, query, d)] * v[heads.at(head, key, d)];
                        dv[heads.at(head, key, d)] += dropout.apply(element, p[key]) * dy[heads.at(head, query, d)];
                    }
                    dp[key] = dropout.apply(element, dot);
                    sum += p[key] * dp[key];
                }
                for (int key = 0; key < p.length; key++) {
                    heads.scoreGradient(head, query, key, p[key] * (dp[key] - sum), dq, dk);
                }
            }
        }
        Elements.store(dq, out.get(0));
        Elements.store(dk, out.get(1));
        Elements.store(dv, out.get(2));
    }
}
