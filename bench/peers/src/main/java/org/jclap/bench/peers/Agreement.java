package org.jclap.bench.peers;

import java.util.List;

/**
 * Whether two programs computed the same: each answer's root-mean-square difference, relative to the answer's own size. An
 * answer that is all but zero beside the others, as the gradient of a bias that the softmax cancels, is rounding alone
 * and compared with a thousandth of the largest.
 */
final class Agreement {
    private static final double NEGLIGIBLE = 1e-3;

    private Agreement() {}

    /**
     * Checks answers of ours against the peer's, in the same order.
     *
     * @throws IllegalStateException when they are further apart than the tolerance
     */
    static void check(String name, List<float[]> ours, List<float[]> peer, double tolerance) {
        if (ours.size() != peer.size()) {
            throw new IllegalStateException(
                    "%s: we have %d answers, the peer %d".formatted(name, ours.size(), peer.size()));
        }
        double largest = peer.stream().mapToDouble(Agreement::size).max().orElse(0);
        for (int i = 0; i < ours.size(); i++) {
            double scale = Math.max(size(peer.get(i)), NEGLIGIBLE * largest);
            double error = distance(name, ours.get(i), peer.get(i)) / scale;
            if (!(error <= tolerance)) {
                throw new IllegalStateException(
                        "%s: answer %d of %d (%d numbers) differs from the peer's by %.3g of its size, allowed is %.3g"
                                .formatted(name, i + 1, ours.size(), ours.get(i).length, error, tolerance));
            }
        }
    }

    private static double size(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }

    private static double distance(String name, float[] a, float[] b) {
        if (a.length != b.length) {
            throw new IllegalStateException(
                    "%s: an answer of ours has %d numbers, the peer's %d".formatted(name, a.length, b.length));
        }
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sum += difference * difference;
        }
        return Math.sqrt(sum / a.length);
    }
}
