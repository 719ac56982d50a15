package org.jclap.clap.synth;

import java.util.function.Supplier;

/** The generator of a class of sounds. */
@FunctionalInterface
interface Voice {
    /**
     * Draws an individual (this dog, that engine), which stays the same throughout a clip; the result makes one
     * occurrence after another (this bark, the next), each drawn anew around the individual.
     */
    Supplier<Sound> individual(Kit kit, Draw draw);
}
