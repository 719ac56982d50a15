/**
 * {@code jclap bench gpu}: everything that only a real CUDA device can show, in one run of a few minutes. {@link
 * org.jclap.bench.gpu.GpuCommand} starts each {@link org.jclap.bench.gpu.Part} in a process of its own, so that a fault of the
 * device, a crash or a hang costs that part alone.
 */
@NullMarked
package org.jclap.bench.gpu;

import org.jspecify.annotations.NullMarked;
