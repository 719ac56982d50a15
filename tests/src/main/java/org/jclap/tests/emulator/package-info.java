/** A CUDA device without hardware: builds and steers the driver that is written in C++ in {@code src/main/cpp}. */
@NullMarked
package org.jclap.tests.emulator;

import org.jspecify.annotations.NullMarked;
