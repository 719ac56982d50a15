package org.jclap.clap.data;

import java.util.ArrayList;
import java.util.List;
import org.jclap.tensor.UserException;

/**
 * Items divided into a training and a validation part.
 *
 * @param train what is trained on
 * @param validation what is held out
 */
public record Split<T>(List<T> train, List<T> validation) {
    /** Share of the pairs that the published training holds out. */
    public static final double REFERENCE_VALIDATION_SHARE = 0.17;

    /** Seed of the published split. */
    public static final long REFERENCE_SEED = 123;

    public Split {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /**
     * The split of the published training: all items are shuffled, the first {@code validationShare} is held out, and
     * of the rest the first {@code trainShare} is kept (0.1 for the teacher on a tenth of the data). The validation
     * part does not depend on {@code trainShare}.
     *
     * @throws UserException when a share is outside [0, 1]
     */
    public static <T> Split<T> reference(List<T> items, double validationShare, long seed, double trainShare) {
        checkShare("validation share", validationShare);
        checkShare("training share", trainShare);
        var shuffled = new ArrayList<>(items);
        new PythonRandom(seed).shuffle(shuffled);
        var held = (int) (shuffled.size() * validationShare);
        var kept = (int) ((shuffled.size() - held) * trainShare);
        return new Split<>(shuffled.subList(held, held + kept), shuffled.subList(0, held));
    }

    private static void checkShare(String name, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new UserException("the " + name + " is " + share + "; expected a number from 0 to 1");
        }
    }
}
