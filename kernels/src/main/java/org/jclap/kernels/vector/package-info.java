/**
 * The pure-Java backend on the Vector API. {@link org.jclap.kernels.vector.VectorBackend} maps each op to a kernel through
 * the classes named {@code ...Ops}, which know tensors; the kernels themselves take arrays, offsets and sizes, and trust
 * their callers to have checked them.
 *
 * <p>Kernels split work over a {@link org.jclap.kernels.vector.Workers} in blocks whose size depends on the shape alone. Every sum
 * has one fixed order, so results are bit-equal for any number of threads. Start reading at {@link
 * org.jclap.kernels.vector.MicroKernel} and {@link org.jclap.kernels.vector.Gemm}.
 */
@NullMarked
package org.jclap.kernels.vector;

import org.jspecify.annotations.NullMarked;
