package org.jclap.kernels.vector;

import static org.jclap.kernels.vector.Lanes.COUNT;
import static org.jclap.kernels.vector.Lanes.SPECIES;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.op.LogMel;

/**
 * Log-mel spectrograms, {@link Lanes#COUNT} neighbouring frames of a wave at a time, one in each lane. What a group of
 * frames needs stays in L2. Lanes do not meet, so a frame is the same bit for bit wherever it stands.
 *
 * <p>F32 is enough: its transform has a noise floor about 140 dB below the loudest bin of a frame. For a full-scale tone
 * that is below the floor of the op.
 */
final class LogMelOps {
    private static final float DECIBELS_PER_NEPER = (float) (10 / Math.log(10));
    private static final float FLOOR_DECIBELS = (float) (10 * Math.log10(LogMel.FLOOR));

    private final Workers workers;
    private final Map<Integer, RealFft> transforms = new ConcurrentHashMap<>();

    LogMelOps(Workers workers) {
        this.workers = workers;
    }

    void forward(LogMel op, List<Tensor> in, Tensor out) {
        var geometry = new Geometry(
                in.get(0).shape().dim(1),
                op.hop(),
                in.get(1).size(),
                out.shape().dim(2),
                out.shape().dim(3));
        var fft = transforms.computeIfAbsent(geometry.window, RealFft::new);
        int bins = geometry.window / 2 + 1;
        int[] bands = bands(in.get(3), bins, in.get(2).shape().dim(1));
        int groups = Math.ceilDiv(geometry.frames, COUNT);
        workers.parallelFor(out.shape().dim(0) * groups, task -> {
            int clip = task / groups;
            int first = task % groups * COUNT;
            float[] columns = Scratch.take(geometry.hop * geometry.columns());
            float[] frames = Scratch.take(geometry.window * COUNT);
            float[] power = Scratch.take(bins * COUNT);
            float[] energies = Scratch.take(geometry.mels * COUNT);
            geometry.fold(in.get(0), clip, first, columns);
            geometry.window(columns, in.get(1), frames);
            fft.power(frames, power);
            weigh(power, in.get(2), bands, energies);
            decibels(energies, geometry.mels * COUNT);
            geometry.store(energies, out, clip, first);
            Scratch.give(energies);
            Scratch.give(power);
            Scratch.give(frames);
            Scratch.give(columns);
        });
    }

    /** The bands, none of which reaches beyond the spectrum or its weights. */
    private static int[] bands(Tensor tensor, int bins, int width) {
        int[] bands = new int[tensor.size()];
        System.arraycopy(tensor.host().ints(), tensor.offset(), bands, 0, bands.length);
        for (int i = 0; i < bands.length; i += 2) {
            Objects.checkFromIndexSize(bands[i], bands[i + 1], bins);
            Objects.checkFromIndexSize(0, bands[i + 1], width);
        }
        return bands;
    }

    /** {@code energies (F, COUNT)} from {@code power (bins, COUNT)}, in two interleaved sums. */
    private static void weigh(float[] power, Tensor weights, int[] bands, float[] energies) {
        float[] w = weights.host().floats();
        int width = weights.shape().dim(1);
        for (int band = 0; band < bands.length / 2; band++) {
            int at = weights.offset() + band * width;
            int bin = bands[2 * band] * COUNT;
            int end = at + bands[2 * band + 1];
            var even = FloatVector.zero(SPECIES);
            var odd = FloatVector.zero(SPECIES);
            for (; at + 1 < end; at += 2, bin += 2 * COUNT) {
                even = FloatVector.fromArray(SPECIES, power, bin).fma(FloatVector.broadcast(SPECIES, w[at]), even);
                odd = FloatVector.fromArray(SPECIES, power, bin + COUNT)
                        .fma(FloatVector.broadcast(SPECIES, w[at + 1]), odd);
            }
            if (at < end) {
                even = FloatVector.fromArray(SPECIES, power, bin).fma(FloatVector.broadcast(SPECIES, w[at]), even);
            }
            even.add(odd).intoArray(energies, band * COUNT);
        }
    }

    /** Energies at the floor become exactly -100 dB, whatever the logarithm's last bit. */
    private static void decibels(float[] energies, int n) {
        float[] logs = Scratch.take(n);
        VectorMath.log(energies, 0, logs, 0, n);
        for (int i = 0; i < n; i += COUNT) {
            var floored = FloatVector.fromArray(SPECIES, energies, i).compare(VectorOperators.LE, (float) LogMel.FLOOR);
            FloatVector.fromArray(SPECIES, logs, i)
                    .mul(DECIBELS_PER_NEPER)
                    .blend(FLOOR_DECIBELS, floored)
                    .intoArray(energies, i);
        }
        Scratch.give(logs);
    }

    /** Where the samples of a frame lie and where its result goes. */
    private record Geometry(int samples, int hop, int window, int frames, int mels) {
        /** Hops that the frames of a group reach over. */
        int columns() {
            return COUNT + (window - 1) / hop;
        }

        /**
         * Folds the wave into {@code columns (hop, columns())}, one hop below the other: there the samples of equal place
         * in neighbouring frames lie side by side, and each sample is moved once although several frames hold it.
         */
        void fold(Tensor waves, int clip, int first, float[] columns) {
            float[] x = waves.host().floats();
            int wave = waves.offset() + clip * samples;
            int stride = columns();
            for (int q = 0; q < stride; q++) {
                int from = (first + q) * hop - window / 2;
                if (from >= 0 && from + hop <= samples) {
                    for (int r = 0; r < hop; r++) {
                        columns[r * stride + q] = x[wave + from + r];
                    }
                } else {
                    for (int r = 0; r < hop; r++) {
                        int inside = mirrored(from + r);
                        columns[r * stride + q] = inside >= 0 ? x[wave + inside] : 0;
                    }
                }
            }
        }

        /** The sample at a place in the mirrored wave; negative beyond the last frame, where lanes idle. */
        private int mirrored(int i) {
            int inside = Math.abs(i);
            return inside < samples ? inside : 2 * (samples - 1) - inside;
        }

        /** The windowed frames {@code (window, COUNT)}. */
        void window(float[] columns, Tensor window, float[] frames) {
            float[] w = window.host().floats();
            int stride = columns();
            int n = 0;
            for (int a = 0; n < this.window; a++) {
                int end = Math.min(this.window, n + hop);
                for (int from = a; n < end; n++, from += stride) {
                    FloatVector.fromArray(SPECIES, columns, from)
                            .mul(FloatVector.broadcast(SPECIES, w[window.offset() + n]))
                            .intoArray(frames, n * COUNT);
                }
            }
        }

        /** Writes {@code (F, COUNT)} to the frames' rows of {@code (B, 1, T, F)}. */
        void store(float[] decibels, Tensor out, int clip, int first) {
            float[] y = out.host().floats();
            for (int lane = 0; lane < Math.min(COUNT, frames - first); lane++) {
                int at = out.offset() + (clip * frames + first + lane) * mels;
                for (int f = 0; f < mels; f++) {
                    y[at + f] = decibels[f * COUNT + lane];
                }
            }
        }
    }
}
