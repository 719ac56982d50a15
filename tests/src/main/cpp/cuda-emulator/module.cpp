// Modules and launches. The image is the real PTX: its first line names the family, whose .so lies beside this library. The
// kernels that there are must be entries of that PTX, and have the same number and sizes of parameters as there: PTX for
// older devices may lack some.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include "emulator.h"

using namespace emulator;

namespace {

const char FAMILY[] = "// family ";

struct Module {
    void* library;
    const Kernel* kernels;
    int count;
    char *sharedBegin, *sharedEnd;
    bool checked;
    std::string ptx;

    size_t entry(const char* kernel) const { return ptx.find(std::string(".entry ") + kernel + "("); }
    // What __launch_bounds__ allows.
    size_t mostThreads(const char* kernel) const {
        static const char BOUND[] = ".maxntid ";
        size_t begin = entry(kernel), body = ptx.find('{', begin), bound = ptx.find(BOUND, begin);
        return bound < body ? atoi(ptx.c_str() + bound + strlen(BOUND)) : 1024;
    }
};

struct Function {
    const Module* module;
    const Kernel* kernel;
    int maxDynamicShared;
    size_t mostThreads;
};

std::string directory() {
    Dl_info self;
    dladdr((void*)directory, &self);
    std::string path = self.dli_fname;
    return path.substr(0, path.rfind('/'));
}

// Bytes of one PTX parameter: ".param .u64 name", ".param .align 8 .b8 name[24]".
int parameterBytes(const std::string& declaration) {
    static const char* const TYPES[] = {".b8", ".u8", ".s8", ".b16", ".u16", ".s16", ".f16", ".b32", ".u32", ".s32", ".f32"};
    static const int BYTES[] = {1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4};
    int bytes = 8;
    for (size_t i = 0; i < sizeof BYTES / sizeof *BYTES; i++)
        if (declaration.find(std::string(TYPES[i]) + " ") != std::string::npos) bytes = BYTES[i];
    size_t bracket = declaration.find('[');
    return bracket == std::string::npos ? bytes : bytes * atoi(declaration.c_str() + bracket + 1);
}

// Holds a kernel against its entry in the PTX; an empty string, or the difference.
std::string difference(const Kernel& kernel, const Module& module) {
    const std::string& ptx = module.ptx;
    size_t entry = module.entry(kernel.name);
    if (entry == std::string::npos) return "";
    size_t end = ptx.find("\n)", entry);
    int count = 0;
    for (size_t p = ptx.find(".param", entry); p < end; p = ptx.find(".param", p + 1), count++) {
        std::string declaration = ptx.substr(p, ptx.find('\n', p) - p);
        int bytes = parameterBytes(declaration);
        if (count < kernel.parameterCount && bytes != kernel.parameterSizes[count])
            return std::string("parameter ") + std::to_string(count) + " of " + kernel.name + " has " +
                   std::to_string(kernel.parameterSizes[count]) + " bytes in the source, in the PTX: " + declaration;
    }
    if (count == kernel.parameterCount) return "";
    return std::string(kernel.name) + " has " + std::to_string(kernel.parameterCount) + " parameters in the source and " +
           std::to_string(count) + " in the PTX";
}

// Bytes of shared memory that a block can ask for.
int sharedOfBlock() {
    switch (knob[COMPUTE]) {
        case 70: case 72: return 96 << 10;
        case 75: return 64 << 10;
        case 80: case 87: return 163 << 10;
        case 86: case 89: case 120: case 121: return 99 << 10;
        default: return 227 << 10;
    }
}

CUresult run(const Grid& grid) {
    if (countsDown(FAIL_LAUNCH))
        return failForGood(CUDA_ERROR_LAUNCH_FAILED, std::string("an injected failure in ") + grid.kernel->name);
    std::string error = execute(grid);
    knob[LAUNCHES]++;
    if (error.empty()) return CUDA_SUCCESS;
    auto says = [&](const char* what) { return error.find(what) != std::string::npos; };
    return failForGood(says("illegal access")       ? CUDA_ERROR_ILLEGAL_ADDRESS
                       : says("misaligned address") ? CUDA_ERROR_MISALIGNED_ADDRESS
                                                    : CUDA_ERROR_LAUNCH_FAILED,
                       error);
}

}  // namespace

API CUresult cuModuleLoadData(void** handle, const void* data) {
    DRIVER_CALL;
    if (sticky) return sticky;
    NOT_IN_CAPTURE("cuModuleLoadData");
    if (countsDown(FAIL_ALLOCATION)) return fail(CUDA_ERROR_OUT_OF_MEMORY, "no memory for the module");
    if (knob[REJECT_PTX]) return fail(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed");
    std::string image = (const char*)data;
    if (image.compare(0, strlen(FAMILY), FAMILY) != 0)
        return fail(CUDA_ERROR_INVALID_IMAGE, "the image does not begin with '// family NAME'");
    size_t start = strlen(FAMILY);
    std::string family = image.substr(start, image.find('\n') - start);
    std::string path = directory() + "/" + family + (knob[CHECKED] ? ".checked.so" : ".so");
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return fail(CUDA_ERROR_INVALID_IMAGE, dlerror());
    auto symbol = [=](const char* name) { return dlsym(library, name); };
    auto module = new Module{library, (const Kernel*)symbol("emulator_kernels"),
                             *(const int*)symbol("emulator_kernel_count"), *(char**)symbol("emulator_shared_begin"),
                             *(char**)symbol("emulator_shared_end"), knob[CHECKED] != 0, image};
    for (int i = 0; i < module->count; i++) {
        std::string differs = difference(module->kernels[i], *module);
        if (differs.empty()) continue;
        dlclose(library);
        delete module;
        return fail(CUDA_ERROR_INVALID_IMAGE, differs);
    }
    *handle = module;
    knob[MODULES]++;
    return CUDA_SUCCESS;
}

API CUresult cuModuleLoadDataEx(void** handle, const void* data, unsigned count, int* options, void** values) {
    const int ERROR_LOG_BUFFER = 5;
    CUresult result = cuModuleLoadData(handle, data);
    for (unsigned i = 0; i < count; i++)
        if (options[i] == ERROR_LOG_BUFFER) strcpy((char*)values[i], result ? "ptxas fatal : an injected complaint" : "");
    return result;
}

API CUresult cuModuleUnload(void* handle) {
    DRIVER_CALL;
    NOT_IN_CAPTURE("cuModuleUnload");
    CUresult pending = synchronise();
    dlclose(((Module*)handle)->library);
    delete (Module*)handle;
    knob[MODULES]--;
    return pending;
}

API CUresult cuModuleGetFunction(void** function, void* handle, const char* name) {
    DRIVER_CALL;
    if (sticky) return sticky;
    const Module* module = (Module*)handle;
    for (int i = 0; i < module->count; i++) {
        if (strcmp(module->kernels[i].name, name) != 0 || module->entry(name) == std::string::npos) continue;
        *function = new Function{module, &module->kernels[i], 48 << 10, module->mostThreads(name)};
        return CUDA_SUCCESS;
    }
    return fail(CUDA_ERROR_NOT_FOUND, std::string("no kernel ") + name);
}

API CUresult cuFuncSetAttribute(void* handle, int attribute, int value) {
    DRIVER_CALL;
    const int MAX_DYNAMIC_SHARED_SIZE_BYTES = 8;
    if (attribute == MAX_DYNAMIC_SHARED_SIZE_BYTES) {
        if (value > sharedOfBlock()) return fail(CUDA_ERROR_INVALID_VALUE, "more shared memory than a block can have");
        ((Function*)handle)->maxDynamicShared = value;
    }
    return CUDA_SUCCESS;
}

API CUresult cuLaunchKernel(void* handle, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                            unsigned shared, void* stream, void** parameters, void**) {
    DRIVER_CALL;
    if (sticky) return sticky;
    Function* function = (Function*)handle;
    bool empty = !gx || !gy || !gz || !bx || !by || !bz;
    bool large = gx > 2147483647u || gy > 65535 || gz > 65535 || (size_t)bx * by * bz > function->mostThreads || bz > 64;
    if (empty || large || shared > (unsigned)function->maxDynamicShared) {
        char text[200];
        snprintf(text, sizeof text, "launch of %s with grid (%u, %u, %u), block (%u, %u, %u), %u bytes shared",
                 function->kernel->name, gx, gy, gz, bx, by, bz, shared);
        return fail(CUDA_ERROR_INVALID_VALUE, text);
    }
    if (countsDown(REJECT_LAUNCH)) return fail(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "an injected refusal of a launch");
    Grid grid{function->kernel, {gx, gy, gz}, {bx, by, bz}, shared, function->module->sharedBegin,
              function->module->sharedEnd, {}, function->module->checked};
    for (int i = 0; i < function->kernel->parameterCount; i++) {
        size_t bytes = function->kernel->parameterSizes[i], at = grid.parameters.size();
        grid.parameters.resize(at + (bytes + 15) / 16 * 16);
        memcpy(grid.parameters.data() + at, parameters[i], bytes);
    }
    return submit(stream, [grid] { return run(grid); });
}
