package org.jclap.clap.audio;

import java.util.List;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;

/**
 * Clips of one length in host memory.
 *
 * @param clips B
 * @param samples N, 0 where there is no clip
 * @param values {@code (B, N)}, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data that nobody compares
public record WaveBatch(int clips, int samples, float[] values) {
    /** Copies the clips, which have the same length. */
    public static WaveBatch of(List<float[]> clips) {
        int samples = clips.isEmpty() ? 0 : clips.getFirst().length;
        float[] values = new float[Math.multiplyExact(clips.size(), samples)];
        for (int i = 0; i < clips.size(); i++) {
            if (clips.get(i).length != samples) {
                throw new IllegalArgumentException(
                        "clips of %d and %d samples in one batch".formatted(samples, clips.get(i).length));
            }
            System.arraycopy(clips.get(i), 0, values, i * samples, samples);
        }
        return new WaveBatch(clips.size(), samples, values);
    }

    /** The clips {@code (B, N)} on a backend. */
    public Tensor on(Backend backend) {
        return Tensor.of(backend, Shape.of(clips, samples), values);
    }
}
