package org.jclap.tensor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Function;
import org.jclap.tensor.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * Work on tensors that is done again and again, as a training step is. Where the backend can capture it, the first call
 * with inputs of certain types runs it as it is, which loads and allocates what it needs; the second records it, and
 * further ones are replays. Elsewhere each call runs it.
 *
 * <p>The work has to do the same to the device each time: what changes from call to call comes in the inputs, the results
 * and tensors that outlive the calls are all that remains of it, and it may neither read results back nor upload. It may be
 * run to record it, without an effect on the device, and again after it has failed midway.
 */
public final class RepeatedWork implements AutoCloseable {
    private final Backend backend;
    private final Function<List<Tensor>, List<Tensor>> work;
    private final int capacity;
    /** The one that was called longest ago first. */
    private final LinkedHashMap<List<TensorType>, Recording> recordings = new LinkedHashMap<>(16, 0.75f, true);

    /** Work that is kept for up to {@code capacity} combinations of input types, those that were called last. */
    public RepeatedWork(Backend backend, int capacity, Function<List<Tensor>, List<Tensor>> work) {
        this.backend = backend;
        this.capacity = capacity;
        this.work = work;
    }

    /** What is known of inputs of certain types. */
    private static final class Recording {
        /** The tensors that the recorded work reads, and the work; none before it is recorded, or where it cannot be. */
        private final List<Tensor> inputs = new ArrayList<>();

        private @Nullable Replay replay;
        private boolean refused;

        void close() {
            if (replay != null) {
                replay.close();
            }
            inputs.forEach(Tensor::close);
        }
    }

    /** Does the work; the results belong to this or to the current scope and are valid until the next call. */
    public List<Tensor> apply(List<Tensor> inputs) {
        List<TensorType> types = inputs.stream().map(Tensor::type).toList();
        Recording recording = recordings.get(types);
        if (recording == null) {
            begin(types);
            return work.apply(inputs);
        }
        if (recording.replay == null && !recording.refused) {
            record(recording, inputs);
        }
        Replay replay = recording.replay;
        if (replay == null) {
            return work.apply(inputs);
        }
        for (int i = 0; i < inputs.size(); i++) {
            Ops.copy(recording.inputs.get(i), inputs.get(i));
        }
        replay.run();
        return replay.outputs();
    }

    private void begin(List<TensorType> types) {
        recordings.put(types, new Recording());
        if (recordings.size() > capacity) {
            recordings.pollFirstEntry().getValue().close();
        }
    }

    private void record(Recording recording, List<Tensor> inputs) {
        try {
            for (Tensor input : inputs) {
                recording.inputs.add(
                        Tensor.empty(backend, input.shape(), input.dtype()).persistent());
            }
            recording.replay = backend.capture(() -> work.apply(recording.inputs));
        } finally {
            if (recording.replay == null) {
                recording.close();
                recording.inputs.clear();
                recording.refused = true;
            }
        }
    }

    /** Forgets what was recorded, as is due when the work itself changes. */
    public void clear() {
        recordings.values().forEach(Recording::close);
        recordings.clear();
    }

    @Override
    public void close() {
        clear();
    }
}
