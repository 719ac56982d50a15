/**
 * The pure-Java kernels on the Vector API: matrix products, convolutions, maps, reductions, normalisations and
 * optimizer updates on {@code float[]}.
 *
 * <p>The kernels know no tensors: they take arrays, offsets and sizes, trust their callers to have checked them, and
 * split work over a {@link org.jclap.kernels.vector.Workers} in blocks whose size depends on the shape alone. Every sum
 * has one fixed order, so results are bit-equal for any number of threads. Start reading at {@link
 * org.jclap.kernels.vector.MicroKernel} and {@link org.jclap.kernels.vector.Gemm}.
 */
@NullMarked
package org.jclap.kernels.vector;

import org.jspecify.annotations.NullMarked;
