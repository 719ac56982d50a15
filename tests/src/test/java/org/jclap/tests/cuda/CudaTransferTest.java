package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Prefetch;
import org.jclap.tensor.Replay;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that are brought to the device while it computes. The emulated streams take turns in any order they may. */
final class CudaTransferTest extends OnEmulator {
    @BeforeEach
    void defer() {
        EmulatedDriver.set(Knob.DEFERRED, 1);
    }

    private static float[] batch(int step, int length) {
        float[] values = new float[length];
        Arrays.fill(values, step);
        return values;
    }

    private Prefetch send(int step, int length) {
        return Prefetch.of(cuda, Shape.of(length), DType.F32, batch(step, length));
    }

    /** From one element to several pieces of page-locked memory, each batch sent while the one before is computed with. */
    @ParameterizedTest
    @ValueSource(ints = {1, 1000, (2 << 20) + 3})
    void everyStepSeesItsOwnBatch(int length) throws Exception {
        int seeds = length > 1000 ? 4 : 16;
        for (int seed = 0; seed < seeds; seed++) {
            EmulatedDriver.set(Knob.SEED, seed);
            List<Tensor> results = new ArrayList<>();
            try (ExecutorService loader = Executors.newSingleThreadExecutor();
                    Scope _ = Scope.open()) {
                Future<Prefetch> next = loader.submit(() -> send(0, length));
                for (int step = 0; step < 6; step++) {
                    int following = step + 1;
                    try (Tensor x = next.get().take()) {
                        next = loader.submit(() -> send(following, length));
                        Tensor y = Ops.affine(x, 2, 1);
                        results.add(Ops.max(Ops.neg(Ops.affine(y, -1, 0)), 0, false));
                        results.add(Ops.neg(Ops.max(Ops.neg(y), 0, false)));
                    }
                }
                next.get().close();
                for (int i = 0; i < results.size(); i++) {
                    assertEquals(2 * (i / 2) + 1, results.get(i).item(), "seed " + seed + ", result " + i);
                }
            }
            assertEquals(0, cuda.memory().liveBuffers());
        }
    }

    @Test
    void blocksGoBackAndForthWithoutNewOnes() {
        Prefetch next = send(0, 500);
        long created = 0;
        for (int step = 1; step < 10; step++) {
            try (Tensor x = next.take()) {
                next = send(step, 500);
                Ops.neg(x).close();
            }
            if (step == 3) {
                created = cuda.memory().createdBuffers();
            }
        }
        next.close();
        assertEquals(created, cuda.memory().createdBuffers());
        assertEquals(0, cuda.memory().liveBuffers());
    }

    /** The graph neither waits for what another thread sends nor contains it. */
    @Test
    void aTransferOfAnotherThreadStaysOutOfAGraph() throws Exception {
        try (ExecutorService loader = Executors.newSingleThreadExecutor();
                Tensor x = Tensor.of(cuda, Shape.of(3), 1f, 2f, 3f)) {
            Ops.neg(x).close();
            List<Future<Prefetch>> sent = new ArrayList<>();
            Replay replay = cuda.capture(() -> {
                sent.add(loader.submit(() -> send(7, 3)));
                return List.of(Ops.neg(x));
            });
            assertNotNull(replay);
            try (Tensor y = sent.getFirst().get().take()) {
                replay.run();
                assertArrayEquals(batch(7, 3), y.toFloats());
                assertArrayEquals(
                        new float[] {-1, -2, -3}, replay.outputs().getFirst().toFloats());
            }
            replay.close();
        }
    }

    @Test
    void aBatchThatIsGivenUpInACaptureCanBeSentAnew() {
        Tensor x = send(1, 100).take();
        try (Tensor y = send(2, 100).take()) {
            Ops.neg(x).close();
            Replay replay = cuda.capture(() -> {
                x.close();
                return List.of(Ops.neg(y));
            });
            assertNotNull(replay);
            try (Tensor z = send(3, 100).take()) {
                replay.run();
                assertArrayEquals(batch(3, 100), z.toFloats());
                assertArrayEquals(batch(-2, 100), replay.outputs().getFirst().toFloats());
            }
            replay.close();
            assertNull(cuda.capture(() -> List.of(send(4, 100).take())), "it would be the same batch each time");
        }
    }
}
