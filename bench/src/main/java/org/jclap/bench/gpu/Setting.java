package org.jclap.bench.gpu;

/**
 * How a part is to run.
 *
 * @param quick fewer repetitions
 * @param sizes of what is measured
 * @param python the program that runs scripts for PyTorch
 * @param from the case to begin with
 */
record Setting(boolean quick, Sizes sizes, String python, int from) {
    /** How often two programs take turns. */
    int rounds() {
        return quick ? 3 : 7;
    }
}
