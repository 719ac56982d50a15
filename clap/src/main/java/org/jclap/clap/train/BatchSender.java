package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Prefetch;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** Brings each batch to the backend while the step before it runs: one ahead, on a thread of its own. */
final class BatchSender implements AutoCloseable {
    private static final Future<@Nullable Sent> NOTHING = CompletableFuture.completedFuture(null);

    private final Backend backend;
    private final ExecutorService sender = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("sender").factory());

    BatchSender(Backend backend) {
        this.backend = backend;
    }

    /** What a step needs of a batch; nothing of one that is too small for a step. The first step has the number 0. */
    @FunctionalInterface
    interface Inputs {
        List<HostTensor> of(Batch batch, int number);
    }

    /** A batch whose tensors are on their way, in the order of its inputs. */
    record Sent(Batch batch, List<Prefetch> tensors) implements AutoCloseable {
        /** The tensors, in the current scope. Called at most once. */
        List<Tensor> take() {
            return tensors.stream().map(Prefetch::take).toList();
        }

        @Override
        public void close() {
            tensors.forEach(Prefetch::close);
        }
    }

    /** The batches in their order, until it is closed. */
    Batches send(Iterable<Batch> batches, Inputs inputs) {
        return new Batches(batches.iterator(), inputs);
    }

    /** Batches of which one is ahead. */
    final class Batches implements AutoCloseable {
        private final Iterator<Batch> source;
        private final Inputs inputs;
        private int number;
        private Future<@Nullable Sent> ahead;

        private Batches(Iterator<Batch> source, Inputs inputs) {
            this.source = source;
            this.inputs = inputs;
            ahead = sender.submit(this::prepare);
        }

        private @Nullable Sent prepare() {
            if (!source.hasNext()) {
                return null;
            }
            Batch batch = source.next();
            Sent sent = new Sent(batch, new ArrayList<>());
            try {
                inputs.of(batch, number++).forEach(input -> sent.tensors().add(input.send(backend)));
                return sent;
            } catch (RuntimeException e) {
                sent.close();
                throw e;
            }
        }

        /** The next batch, while the one after it is begun; null behind the last. */
        @Nullable
        Sent next() {
            Sent sent = await();
            if (sent != null) {
                ahead = sender.submit(this::prepare);
            }
            return sent;
        }

        /** What is ahead, or why there is nothing: once, so that an error does not come up again when this is closed. */
        private @Nullable Sent await() {
            Future<@Nullable Sent> due = ahead;
            ahead = NOTHING;
            try {
                return due.get();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UserException("interrupted while loading audio", e);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
        }

        /** Gives up what is ahead. */
        @Override
        public void close() {
            Sent sent = await();
            if (sent != null) {
                sent.close();
            }
        }
    }

    @Override
    public void close() {
        sender.shutdownNow();
    }
}
