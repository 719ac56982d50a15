package org.jclap.clap.progress;

/** Opens a display for each piece of long work. */
@FunctionalInterface
public interface Progress {
    /** Begins a task of {@code total} units, named by what is done and the unit, such as "epoch 1/20" and "step". */
    Task begin(String name, String unit, long total);

    /** Shows nothing. */
    static Progress silent() {
        return (_, _, _) -> new Task() {
            @Override
            public void advance(long units, String note) {}

            @Override
            public void close() {}
        };
    }

    /** A task that is under way. Calls may come from any thread. */
    interface Task extends AutoCloseable {
        /** More units are done; {@code note} is shown beside the bar, for example the loss. */
        void advance(long units, String note);

        /** More units are done. */
        default void advance(long units) {
            advance(units, "");
        }

        /** The task is over, complete or not. */
        @Override
        void close();
    }
}
