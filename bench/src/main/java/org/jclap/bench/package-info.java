/**
 * Benchmarks: cases that declare their work, JMH runs of them, and the limits of the machine measured in the same run.
 * Start reading at {@link org.jclap.bench.BenchCase}.
 */
@NullMarked
package org.jclap.bench;

import org.jspecify.annotations.NullMarked;
