package org.jclap.clap.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jclap.clap.audio.AudioFile;

/** Decoded, resampled audio, the least recently used dropped first. Serves any number of threads. */
final class AudioCache {
    private final int sampleRate;
    private final long capacityBytes;
    private final Map<Path, float[]> waves = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    AudioCache(int sampleRate, long capacityBytes) {
        this.sampleRate = sampleRate;
        this.capacityBytes = capacityBytes;
    }

    /** The samples of a file at the cache's rate; not to be changed. Two threads may decode the same file once each. */
    float[] load(Path file) {
        synchronized (this) {
            float[] held = waves.get(file);
            if (held != null) {
                return held;
            }
        }
        float[] wave = AudioFile.load(file, sampleRate).samples();
        hold(file, wave);
        return wave;
    }

    private synchronized void hold(Path file, float[] wave) {
        long size = (long) wave.length * Float.BYTES;
        if (size > capacityBytes || waves.put(file, wave) != null) {
            return;
        }
        bytes += size;
        var oldest = waves.entrySet().iterator();
        while (bytes > capacityBytes) {
            bytes -= (long) oldest.next().getValue().length * Float.BYTES;
            oldest.remove();
        }
    }
}
