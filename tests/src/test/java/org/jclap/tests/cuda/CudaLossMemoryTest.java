package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jclap.autograd.GradTape;
import org.jclap.clap.loss.ContrastiveLoss;
import org.jclap.tensor.Backend;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.kit.Golden;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the contrastive loss holds at most, forward and backward, by the statistics of the allocator: tiles in place of the
 * similarities of all pairs. There are 64 rows for each element of an embedding, as in a batch of 65,536 and 1024 elements.
 */
final class CudaLossMemoryTest {
    private static final int ROWS = 1024;
    private static final int WIDTH = ROWS / 64;

    private Backend cuda;

    /** The inputs of a loss. */
    private record Batch(Tensor audio, Tensor text, Tensor logScale, ContrastiveLoss.Teacher teacher) {}

    /** A loss, and the most bytes that tensors held meanwhile. */
    private record Run(float loss, long peakBytes) {}

    @BeforeEach
    void open() {
        cuda = Emulator.openWithoutLibraries();
    }

    @AfterEach
    void close() {
        if (cuda != null) {
            cuda.close();
        }
    }

    @Test
    void takesLessThanATwentiethOfTheWayThatHoldsAllPairs() {
        Run allPairs = run(ROWS, CudaLossMemoryTest::byAllPairs);
        Run hard = run(ROWS, CudaLossMemoryTest::hard);
        Run soft = run(ROWS, CudaLossMemoryTest::soft);
        assertEquals(allPairs.loss, hard.loss, 1e-5 * allPairs.loss);
        assertLess(allPairs.peakBytes / 20, hard.peakBytes);
        // With soft labels, the way of all pairs holds the targets of both sides as well.
        assertLess(allPairs.peakBytes / 20, soft.peakBytes);
    }

    @Test
    void growsWithTheBatchAndNotWithItsSquare() {
        for (Function<Batch, Tensor> loss :
                List.<Function<Batch, Tensor>>of(CudaLossMemoryTest::hard, CudaLossMemoryTest::soft)) {
            long single = run(ROWS / 2, loss).peakBytes;
            assertLess(2 * single, run(ROWS, loss).peakBytes);
        }
    }

    private static void assertLess(long bound, long bytes) {
        assertTrue(bytes <= bound, () -> "%d bytes at most, more than %d".formatted(bytes, bound));
    }

    private static Tensor hard(Batch batch) {
        return ContrastiveLoss.hard().of(batch.audio, batch.text, batch.logScale, null);
    }

    private static Tensor soft(Batch batch) {
        return ContrastiveLoss.soft(0.3).of(batch.audio, batch.text, batch.logScale, batch.teacher);
    }

    /** The hard loss as it is written down: the logits of all pairs, and their log-softmax by rows and by columns. */
    private static Tensor byAllPairs(Batch batch) {
        Tensor logits = Ops.mul(Ops.matmul(batch.audio, batch.text, false, true), Ops.exp(batch.logScale));
        int n = logits.shape().dim(0);
        float[] identity = new float[n * n];
        for (int i = 0; i < n; i++) {
            identity[i * n + i] = 1;
        }
        Tensor targets = Tensor.of(logits.backend(), logits.shape(), identity);
        Tensor rows = Ops.sum(Ops.mul(Ops.logSoftmax(logits), targets));
        Tensor columns = Ops.sum(Ops.mul(Ops.logSoftmax(Ops.transpose(logits)), targets));
        return Ops.scale(Ops.add(rows, columns), -0.5 / n);
    }

    /** Forward and backward on random embeddings. */
    private Run run(int rows, Function<Batch, Tensor> form) {
        try (Scope _ = Scope.open()) {
            Batch batch = new Batch(
                    embeddings("audio", rows),
                    embeddings("text", rows),
                    Tensor.of(cuda, Shape.of(1), (float) Math.log(1 / 0.07)),
                    new ContrastiveLoss.Teacher(embeddings("teacher audio", rows), embeddings("teacher text", rows)));
            cuda.resetPeak();
            GradTape tape = new GradTape();
            Arrays.asList(batch.audio, batch.text, batch.logScale).forEach(tape::watch);
            Tensor loss = tape.record(() -> form.apply(batch));
            tape.backward(loss);
            return new Run((float) loss.item(), cuda.memory().peakBytes());
        }
    }

    private Tensor embeddings(String name, int rows) {
        return Ops.normalize(
                Tensor.of(cuda, Shape.of(rows, WIDTH), Golden.unit("memory", name, Math.multiplyExact(rows, WIDTH))));
    }
}
