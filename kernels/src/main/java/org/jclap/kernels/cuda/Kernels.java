package org.jclap.kernels.cuda;

import static org.jclap.kernels.cuda.CudaException.check;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;
import org.jclap.tensor.type.DType;

/** The kernels of a device: a family is loaded when the first of them is asked for. */
final class Kernels implements AutoCloseable {
    private static final Set<Integer> OF_THE_COMPILER = Set.of(
            CUresult.CUDA_ERROR_INVALID_PTX,
            CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
            CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU);

    private static final int LOG_BYTES = 4096;

    private final int compute;
    private final Map<Family, Module> modules = new EnumMap<>(Family.class);

    /** Kernels for a compute capability (times 10). */
    Kernels(int compute) {
        this.compute = compute;
    }

    /** A function of a loaded family. */
    static final class Kernel {
        /** Bytes of shared memory that a block may have without asking. */
        private static final int FREE_SHARED = 48 << 10;

        private final String name;
        private final CUfunction function;
        private int granted = FREE_SHARED;

        private Kernel(String name, CUfunction function) {
            this.name = name;
            this.function = function;
        }

        String name() {
            return name;
        }

        CUfunction function() {
            return function;
        }

        /** Asks for so many bytes of dynamic shared memory, once where they are more than every kernel may have. */
        void grant(int bytes) {
            if (bytes > granted) {
                check(
                        JCudaDriver.cuFuncSetAttribute(
                                function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
                        "cuFuncSetAttribute of " + name);
                granted = bytes;
            }
        }
    }

    /** Kernels by their names, and by function and element type, where a launch finds them without making a name. */
    private record Module(CUmodule module, Map<String, Kernel> kernels, Map<DType, Map<String, Kernel>> typed) {}

    /** The kernel of this name. */
    Kernel get(Family family, String name) {
        Module module = module(family);
        Kernel kernel = module.kernels.get(name);
        if (kernel == null) {
            kernel = find(module.module, family, name);
            module.kernels.put(name, kernel);
        }
        return kernel;
    }

    /** The kernel of this function for an element type, as {@code exp_f32}; case does not matter. */
    Kernel get(Family family, String function, DType type) {
        Map<String, Kernel> kernels = module(family).typed.computeIfAbsent(type, _ -> new HashMap<>());
        Kernel kernel = kernels.get(function);
        if (kernel == null) {
            kernel = get(family, (function + "_" + type).toLowerCase(Locale.ROOT));
            kernels.put(function, kernel);
        }
        return kernel;
    }

    private Module module(Family family) {
        Module module = modules.get(family);
        if (module == null) {
            module = load(family);
            modules.put(family, module);
        }
        return module;
    }

    private static Kernel find(CUmodule module, Family family, String name) {
        CUfunction function = new CUfunction();
        check(
                JCudaDriver.cuModuleGetFunction(function, module, name),
                "cuModuleGetFunction of %s in %s.cu".formatted(name, family.file()));
        return new Kernel(name, function);
    }

    private Module load(Family family) {
        CUmodule module = new CUmodule();
        byte[] ptx = Ptx.of(KernelSource.of(family), compute).getBytes(StandardCharsets.UTF_8);
        // The driver wants a 0 behind it.
        byte[] image = Arrays.copyOf(ptx, ptx.length + 1);
        int status = JCudaDriver.cuModuleLoadData(module, image);
        if (status != CUresult.CUDA_SUCCESS) {
            String complaint = OF_THE_COMPILER.contains(status) ? complaint(image) : "";
            check(status, "cuModuleLoadData of %s%s".formatted(family.file(), complaint));
        }
        return new Module(module, new HashMap<>(), new EnumMap<>(DType.class));
    }

    /** What the driver's compiler says of PTX that it has refused. */
    private static String complaint(byte[] image) {
        var options = new JITOptions();
        options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        CUmodule module = new CUmodule();
        if (JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(image), options) == CUresult.CUDA_SUCCESS) {
            check(JCudaDriver.cuModuleUnload(module), "cuModuleUnload");
        }
        String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER).strip();
        return log.isEmpty() ? "" : " (%s)".formatted(log);
    }

    @Override
    public void close() {
        modules.values().forEach(module -> check(JCudaDriver.cuModuleUnload(module.module), "cuModuleUnload"));
        modules.clear();
    }
}
