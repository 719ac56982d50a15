package org.jclap.tensor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jclap.tensor.type.TensorType;
import org.jspecify.annotations.Nullable;

/**
 * Work on tensors that is done again and again, as a training step is. Where the backend can capture it, the first call runs
 * it as it is, which loads what it needs; later ones record it, once for inputs of the same types, and replay that. Elsewhere
 * each call runs it.
 *
 * <p>The work has to do the same to the device each time: what changes from call to call comes in the inputs, the results
 * and tensors that outlive the calls are all that remains of it, and it may neither read results back nor upload. It may be
 * run to record it, without an effect on the device, and again after it has failed midway.
 */
public final class RepeatedWork implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(RepeatedWork.class.getName());

    private final Backend backend;
    private final Function<List<Tensor>, List<Tensor>> work;
    private final int capacity;
    /** By the types of the inputs, the one that was called longest ago first. */
    private final LinkedHashMap<List<TensorType>, Recording> recordings = new LinkedHashMap<>(16, 0.75f, true);

    /** Types for which recording has failed: it gets a second chance after they have run once. */
    private final Set<List<TensorType>> refused = new HashSet<>();

    private boolean hasRun;
    private boolean gaveUp;

    /** Work that is recorded for up to {@code capacity} combinations of input types, those that were called last. */
    public RepeatedWork(Backend backend, int capacity, Function<List<Tensor>, List<Tensor>> work) {
        this.backend = backend;
        this.capacity = capacity;
        this.work = work;
        gaveUp = !backend.canCapture();
    }

    /** The tensors that recorded work reads, and the work. */
    private record Recording(List<Tensor> inputs, Replay replay) {
        void close() {
            replay.close();
            inputs.forEach(Tensor::close);
        }
    }

    /** Does the work; the results belong to this or to the current scope and are valid until the next call. */
    public List<Tensor> apply(List<Tensor> inputs) {
        Recording recording = gaveUp ? null : recording(inputs);
        if (recording == null) {
            hasRun = true;
            close(); // the work may need the memory that recordings hold
            return work.apply(inputs);
        }
        for (int i = 0; i < inputs.size(); i++) {
            Ops.copy(recording.inputs.get(i), inputs.get(i));
        }
        recording.replay.run();
        return recording.replay.outputs();
    }

    private @Nullable Recording recording(List<Tensor> inputs) {
        List<TensorType> types = inputs.stream().map(Tensor::type).toList();
        Recording known = recordings.get(types);
        if (known != null || !hasRun) {
            return known;
        }
        Recording made = record(inputs);
        if (made == null) {
            gaveUp = !refused.add(types);
            return null;
        }
        recordings.put(types, made);
        if (recordings.size() > capacity) {
            recordings.pollFirstEntry().getValue().close();
        }
        return made;
    }

    private @Nullable Recording record(List<Tensor> inputs) {
        List<Tensor> own = new ArrayList<>();
        Replay replay = null;
        try {
            for (Tensor input : inputs) {
                own.add(Tensor.empty(backend, input.shape(), input.dtype()).persistent());
            }
            replay = backend.capture(() -> work.apply(own));
        } catch (UserException e) {
            LOG.log(System.Logger.Level.WARNING, "not recorded, but run each time: {0}", e.getMessage());
        } finally {
            if (replay == null) {
                own.forEach(Tensor::close);
            }
        }
        return replay == null ? null : new Recording(own, replay);
    }

    /** Forgets what was recorded, as is due when the work itself changes; the next call runs it. */
    public void clear() {
        close();
        refused.clear();
        hasRun = false;
        gaveUp = !backend.canCapture();
    }

    /** Gives up the recordings. */
    @Override
    public void close() {
        recordings.values().forEach(Recording::close);
        recordings.clear();
    }
}
