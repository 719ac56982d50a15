package org.jclap.kernels.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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

    /** The compiler's version, as 12.6. */
    static String version() {
        int[] major = {0};
        int[] minor = {0};
        check(JNvrtc.nvrtcVersion(major, minor), "nvrtcVersion");
        return "%d.%d".formatted(major[0], minor[0]);
    }

    /**
     * Compiles a family to PTX for an architecture, as {@code compute_80}.
     *
     * @throws UserException with the compiler's messages
     */
    static String ptx(KernelSource source, int compute) {
        return compile(source, "compute_" + compute, List.of(), program -> {
            String[] ptx = {""};
            check(JNvrtc.nvrtcGetPTX(program, ptx), "nvrtcGetPTX");
            // Calls are numbered on from one compilation to the next, in comments: without, equal sources give equal
            // PTX.
            return ptx[0].replaceAll("// callseq \\d+", "// callseq");
        });
    }

    /** Compiles and assembles a family for a chip, and returns the assembler's report on what each kernel takes. */
    static String resources(KernelSource source, int compute) {
        return compile(source, "sm_" + compute, List.of("--ptxas-options=--verbose"), Nvrtc::log);
    }

    private static String compile(
            KernelSource source, String target, List<String> more, Function<nvrtcProgram, String> result) {
        nvrtcProgram program = new nvrtcProgram();
        String file = source.family().file() + ".cu";
        check(JNvrtc.nvrtcCreateProgram(program, source.text(), file, 0, null, null), "nvrtcCreateProgram");
        try {
            List<String> options = new ArrayList<>(List.of("--gpu-architecture=" + target, "--std=c++17"));
            options.addAll(more);
            int status = JNvrtc.nvrtcCompileProgram(program, options.size(), options.toArray(String[]::new));
            if (status != nvrtcResult.NVRTC_SUCCESS) {
                throw new UserException("%s does not compile for %s:%n%s".formatted(file, target, log(program)));
            }
            return result.apply(program);
        } finally {
            check(JNvrtc.nvrtcDestroyProgram(program), "nvrtcDestroyProgram");
        }
    }

    private static String log(nvrtcProgram program) {
        String[] log = {""};
        check(JNvrtc.nvrtcGetProgramLog(program, log), "nvrtcGetProgramLog");
        return log[0];
    }

    private static void check(int status, String call) {
        if (status != nvrtcResult.NVRTC_SUCCESS) {
            throw new UserException("%s failed: %s".formatted(call, JNvrtc.nvrtcGetErrorString(status)));
        }
    }
}
