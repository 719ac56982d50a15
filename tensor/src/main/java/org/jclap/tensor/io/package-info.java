/** Tensor files: safetensors and npy, read by memory map and written atomically. */
@NullMarked
package org.jclap.tensor.io;

import org.jspecify.annotations.NullMarked;
