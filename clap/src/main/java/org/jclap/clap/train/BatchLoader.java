package org.jclap.clap.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.audio.WaveBatch;
import org.jclap.clap.text.TokenBatch;
import org.jclap.clap.text.WordPiece;
import org.jclap.tensor.UserException;

/**
 * Turns planned batches into waves and tokens, ahead of the training loop, on other threads. The result depends on the
 * plan, the seed and the epoch, not on the threads.
 */
final class BatchLoader implements AutoCloseable {
    private final AudioCache cache;
    private final int samples;
    private final WordPiece tokenizer;
    private final int maxLength;
    private final BadAudio bad;
    private final ExecutorService workers;
    private final int ahead;

    BatchLoader(AudioCache cache, int samples, WordPiece tokenizer, int maxLength, BadAudio bad, int threads) {
        this.cache = cache;
        this.samples = samples;
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        this.bad = bad;
        this.ahead = threads + 1;
        workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().name("loader-", 1).factory());
    }

    /** How the clips of an epoch are cut. */
    record Cut(Crop crop, long seed, long epoch) {}

    /** The batches of a plan from {@code first} on, in order; a batch whose files are all bad is empty. */
    Iterable<Batch> load(List<List<Example>> plan, int first, Cut cut, boolean captions) {
        return () -> new Ahead(plan, first, cut, captions);
    }

    private final class Ahead implements Iterator<Batch> {
        private final List<List<Example>> plan;
        private final Cut cut;
        private final boolean captions;
        private final Deque<Future<Batch>> queue = new ArrayDeque<>();
        private int next;

        Ahead(List<List<Example>> plan, int first, Cut cut, boolean captions) {
            this.plan = plan;
            this.next = first;
            this.cut = cut;
            this.captions = captions;
            fill();
        }

        private void fill() {
            while (queue.size() < ahead && next < plan.size()) {
                int index = next++;
                queue.add(workers.submit(() -> prepare(plan.get(index), index, cut, captions)));
            }
        }

        @Override
        public boolean hasNext() {
            return !queue.isEmpty();
        }

        @Override
        public Batch next() {
            try {
                Batch batch = queue.remove().get();
                fill();
                return batch;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UserException("interrupted while loading audio", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof UserException user ? user : new IllegalStateException(e.getCause());
            }
        }
    }

    private Batch prepare(List<Example> planned, int index, Cut cut, boolean captions) {
        List<Example> good = new ArrayList<>();
        List<float[]> waves = new ArrayList<>();
        for (int i = 0; i < planned.size(); i++) {
            Example example = planned.get(i);
            long clip = (long) index * planned.size() + i;
            RandomGenerator random = Crop.random(cut.seed(), cut.epoch(), clip);
            try {
                waves.add(cut.crop().apply(cache.load(example.audio()), samples, random));
                good.add(example);
            } catch (UserException e) {
                bad.add(example.audio(), String.valueOf(e.getMessage()));
            }
        }
        TokenBatch tokens = captions && !good.isEmpty()
                ? tokenizer.encode(good.stream().map(Example::caption).toList(), maxLength, WordPiece.Padding.LONGEST)
                : null;
        return new Batch(good, WaveBatch.of(waves), tokens);
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
