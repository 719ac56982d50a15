package org.jclap.kernels.cuda;

import java.util.List;
import jcuda.nvrtc.JNvrtc;
import jcuda.nvrtc.nvrtcProgram;
import jcuda.nvrtc.nvrtcResult;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/** NVIDIA's compiler as a library, where the machine has it; it needs no device. */
final class Nvrtc {
    private Nvrtc() {}

    /** Why there is no compiler, or null. */
    static @Nullable String obstacle() {
        String missing = Natives.load(Natives.Library.NVRTC);
        if (missing == null) {
            Natives.initialise(() -> JNvrtc.setExceptionsEnabled(false));
        }
        return missing;
    }

    /**
     * Compiles a family to PTX for an architecture, as {@code compute_80}.
     *
     * @throws UserException with the compiler's messages
     */
    static String ptx(KernelSource source, int compute) {
        nvrtcProgram program = new nvrtcProgram();
        String file = source.family().file() + ".cu";
        check(JNvrtc.nvrtcCreateProgram(program, source.text(), file, 0, null, null), "nvrtcCreateProgram");
        try {
            List<String> options = List.of("--gpu-architecture=compute_" + compute, "--std=c++17");
            int status = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
            if (status != nvrtcResult.NVRTC_SUCCESS) {
                String[] log = {""};
                JNvrtc.nvrtcGetProgramLog(program, log);
                throw new UserException("%s does not compile for compute_%d:%n%s".formatted(file, compute, log[0]));
            }
            String[] ptx = {""};
            check(JNvrtc.nvrtcGetPTX(program, ptx), "nvrtcGetPTX");
            // Calls are numbered on from one compilation to the next, in comments: without, equal sources give equal
            // PTX.
            return ptx[0].replaceAll("// callseq \\d+", "// callseq");
        } finally {
            check(JNvrtc.nvrtcDestroyProgram(program), "nvrtcDestroyProgram");
        }
    }

    private static void check(int status, String call) {
        if (status != nvrtcResult.NVRTC_SUCCESS) {
            throw new UserException("%s failed: %s".formatted(call, JNvrtc.nvrtcGetErrorString(status)));
        }
    }
}
