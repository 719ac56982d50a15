package org.jclap.clap.embed;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jclap.clap.audio.AudioFile;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** Reads files ahead on other threads and turns them into log-mel; they come out in order, a bounded number at a time. */
final class FeatureReader implements AutoCloseable {
    private final List<Path> files;
    private final LogMel logMel;
    private final int samples;
    private final EmbedOptions options;
    private final ExecutorService workers;
    private final Deque<Future<Features>> queue = new ArrayDeque<>();
    private int submitted;

    /**
     * The log-mel {@code (T, F)} of a file, or why there is none.
     *
     * @param index the place of the file in the list
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data that nobody compares
    record Features(int index, float @Nullable [] logMel, String error) {}

    FeatureReader(List<Path> files, ClapCheckpoint checkpoint, EmbedOptions options) {
        this.files = files;
        this.logMel = checkpoint.logMel();
        this.samples = checkpoint.samples();
        this.options = options;
        workers = Executors.newFixedThreadPool(
                options.threads(),
                Thread.ofPlatform().daemon().name("audio-", 1).factory());
    }

    /** The next file, or null after the last. */
    @Nullable
    Features next() {
        while (submitted < files.size() && queue.size() < options.batch() + options.threads()) {
            var index = submitted++;
            queue.add(workers.submit(() -> read(index)));
        }
        var first = queue.poll();
        return first == null ? null : await(first);
    }

    private static Features await(Future<Features> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("interrupted while reading audio", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Features read(int index) {
        try {
            var wave = AudioFile.load(files.get(index), logMel.geometry().sampleRate());
            var clip = options.crop().apply(wave.samples(), samples, Crop.random(options.seed(), 0, 0));
            return new Features(index, logMel.apply(clip), "");
        } catch (UserException e) {
            return new Features(index, null, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
