package org.jclap.clap.curate;

import org.jclap.tensor.UserException;

/** Which columns of a row of similarities are kept. */
public sealed interface Selection {
    /** Every column whose similarity is at least {@code minimum}, in the order of the columns. */
    record Threshold(float minimum) implements Selection {
        /** Checks the range. */
        public Threshold {
            if (!(minimum >= -1 && minimum <= 1)) {
                throw new UserException("the threshold is " + minimum + "; a cosine similarity is from -1 to 1");
            }
        }
    }

    /** The {@code k} columns with the highest similarities, best first; of equals the earlier column. */
    record TopK(int k) implements Selection {
        /** Checks the range. */
        public TopK {
            if (k < 1) {
                throw new UserException("k is " + k + "; at least 1 has to be kept");
            }
        }
    }
}
