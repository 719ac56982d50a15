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
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** Reads and cuts files ahead on other threads; they come out in order, a bounded number at a time. */
final class ClipReader implements AutoCloseable {
    private final List<Path> files;
    private final int rate;
    private final int samples;
    private final EmbedOptions options;
    private final ExecutorService workers;
    private final Deque<Future<Clip>> queue = new ArrayDeque<>();
    private int submitted;

    /**
     * The clip that is cut from a file, or why there is none.
     *
     * @param index the place of the file in the list
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk data that nobody compares
    record Clip(int index, float @Nullable [] samples, String error) {}

    ClipReader(List<Path> files, ClapCheckpoint checkpoint, EmbedOptions options) {
        this.files = files;
        this.rate = checkpoint.frontEnd().sampleRate();
        this.samples = checkpoint.samples();
        this.options = options;
        workers = Executors.newFixedThreadPool(
                options.threads(),
                Thread.ofPlatform().daemon().name("audio-", 1).factory());
    }

    /** The next file, or null after the last. */
    @Nullable
    Clip next() {
        while (submitted < files.size() && queue.size() < options.batch() + options.threads()) {
            var index = submitted++;
            queue.add(workers.submit(() -> read(index)));
        }
        var first = queue.poll();
        return first == null ? null : await(first);
    }

    private static Clip await(Future<Clip> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("interrupted while reading audio", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Clip read(int index) {
        try {
            var wave = AudioFile.load(files.get(index), rate);
            var random = Crop.random(options.seed(), 0, 0);
            return new Clip(index, options.crop().apply(wave.samples(), samples, random), "");
        } catch (UserException e) {
            return new Clip(index, null, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
