/**
 * The backend on NVIDIA devices, through JCuda's driver API.
 *
 * <p>{@link org.jclap.kernels.cuda.CudaBackend} maps each op to a launch through the classes named {@code ...Ops}; the
 * kernels are CUDA C++ in {@code src/main/cuda}, one source file per {@link org.jclap.kernels.cuda.Family}. Below lie {@link
 * org.jclap.kernels.cuda.Device}, {@link org.jclap.kernels.cuda.DeviceMemory}, {@link org.jclap.kernels.cuda.Staging}, {@link
 * org.jclap.kernels.cuda.Kernels} and {@link org.jclap.kernels.cuda.Launcher}.
 *
 * <p>To add a family, say pooling:
 *
 * <ol>
 *   <li>{@code src/main/cuda/pooling.cu}: what it computes, shapes, launch geometry, bytes and operations; then the
 *       kernels, named {@code pool_f32}, {@code pool_bf16}, {@code pool_f16}. {@code common.cuh} has the types, packs and
 *       strides, {@code reduce.cuh} sums of warps and rows, {@code philox.cuh} random masks, {@code fault.cuh} reports of bad inputs,
 *       {@code tensor_tile.cuh} products on tensor cores;
 *   <li>{@link org.jclap.kernels.cuda.Family}: a constant of the same name;
 *   <li>{@code PoolingOps}: from an op and its tensors to {@code launcher.kernel(POOLING, "pool", x.dtype()).tensor(x)...}; what
 *       lies between two launches comes from {@link org.jclap.kernels.cuda.DeviceMemory#workspace};
 *   <li>{@link org.jclap.kernels.cuda.CudaBackend}: one line in the switch for each op;
 *   <li>{@code ./mvnw -Pptx -pl kernels -am process-classes}, which writes the PTX that is committed beside the source.
 * </ol>
 *
 * <p>The op cases of the family then run on the emulated driver of module {@code tests}, without a GPU.
 */
@NullMarked
package org.jclap.kernels.cuda;

import org.jspecify.annotations.NullMarked;
