package org.jclap.tensor;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Reports tensors that the garbage collector found before anybody closed them, with the place of their creation. It
 * never frees anything. Off unless {@code -Djclap.leaks=true}, because a stack trace a tensor is slow.
 */
public final class LeakDetector {
    private static final boolean ENABLED = Boolean.getBoolean("jclap.leaks");
    private static final System.Logger LOG = System.getLogger(LeakDetector.class.getName());

    private LeakDetector() {}

    private static final class Holder {
        static final Cleaner CLEANER = Cleaner.create();
    }

    /** A watch over one tensor; {@link #closed} tells it that all is well. */
    public static final class Watch implements Runnable {
        private final Throwable birthplace;
        private volatile boolean closed;

        private Watch(String what) {
            birthplace = new Throwable(what);
        }

        /** The tensor was closed in time. */
        public void closed() {
            closed = true;
        }

        @Override
        public void run() {
            if (!closed) {
                LOG.log(System.Logger.Level.WARNING, "a tensor was never closed; it was created here", birthplace);
            }
        }
    }

    /** Starts to watch an object; null while the detector is off. */
    public static @Nullable Watch watch(Object object, String what) {
        if (!ENABLED) {
            return null;
        }
        Watch watch = new Watch(what);
        Holder.CLEANER.register(object, watch);
        return watch;
    }
}
