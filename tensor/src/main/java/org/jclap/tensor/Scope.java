package org.jclap.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lifetime of the tensors that are made inside it. Closing a scope closes what it still owns; what has to outlive it
 * is moved out by name with {@link #keep}.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *     Tensor loss = step.keep(model.loss(batch));
 * }
 * }</pre>
 *
 * <p>Scopes nest per thread. A tensor made outside every scope lives until it is closed.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final @Nullable Scope parent;
    private final List<@Nullable Tensor> owned = new ArrayList<>();

    private Scope(@Nullable Scope parent) {
        this.parent = parent;
    }

    /** Opens a scope inside the current one of this thread. */
    public static Scope open() {
        Scope scope = new Scope(CURRENT.get());
        CURRENT.set(scope);
        return scope;
    }

    /** The innermost open scope of this thread, if any. */
    public static @Nullable Scope current() {
        return CURRENT.get();
    }

    /** Moves a tensor to the enclosing scope, or out of every scope when there is none; returns it. */
    public Tensor keep(Tensor tensor) {
        tensor.moveTo(parent);
        return tensor;
    }

    /** Takes a tensor over; returns its place, which {@link #disown} frees. Called by {@link Tensor}. */
    public int own(Tensor tensor) {
        owned.add(tensor);
        return owned.size() - 1;
    }

    /** Gives up a tensor that was closed or moved. Called by {@link Tensor}. */
    public void disown(int place) {
        owned.set(place, null);
    }

    /** Closes every tensor that is still owned, newest first. */
    @Override
    public void close() {
        if (CURRENT.get() != this) {
            throw new IllegalStateException("scopes must be closed in reverse order, by the thread that opened them");
        }
        for (int i = owned.size() - 1; i >= 0; i--) {
            Tensor tensor = owned.get(i);
            if (tensor != null) {
                tensor.close();
            }
        }
        if (parent == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(parent);
        }
    }
}
