package org.jclap.kernels.cuda;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jclap.tensor.io.AtomicFile;

/**
 * Writes what each kernel takes of a multiprocessor, as NVIDIA's assembler reports it: {@code java ... RegisterTable
 * src/main/cuda}.
 */
public final class RegisterTable {
    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)'");
    private static final Pattern STACK = Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores");
    private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
    private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

    private RegisterTable() {}

    /** What one kernel takes on one architecture: registers a thread, bytes of shared memory a block, bytes of stack a thread. */
    private record Usage(int registers, int shared, int stack, int spilled) {}

    /** Assembles every family for every architecture, and writes {@code registers.md} into the folder. */
    public static void main(String[] arguments) {
        String missing = Nvrtc.obstacle();
        if (missing != null) {
            throw new IllegalStateException("NVRTC is needed: " + missing);
        }
        StringBuilder tables = new StringBuilder();
        List<String> spills = new ArrayList<>();
        for (Family family : Family.values()) {
            Map<String, List<Usage>> kernels = usages(family);
            tables.append(table(family, kernels));
            kernels.forEach((kernel, usages) -> {
                if (largest(usages, Usage::spilled) > 0) {
                    spills.add("`%s` (%s)".formatted(kernel, list(usages, Usage::spilled)));
                }
            });
        }
        String text = introduction(spills) + tables;
        AtomicFile.write(
                Path.of(arguments[0]).resolve("registers.md"), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String introduction(List<String> spills) {
        return """
                # What each kernel takes of a multiprocessor

                Registers of a thread for %s, bytes of shared memory of a block, and where there are any, bytes of
                stack of a thread and how many of them are spilled registers, as NVIDIA's assembler of CUDA 12.6 reports
                it; a driver's own may differ a little. Made with the PTX, by `./mvnw -Pptx -pl kernels -am
                process-classes`.

                A multiprocessor has 65,536 registers: 256 threads a block with up to 64, 80, 128 registers leave room for
                4, 3, 2 blocks at once.

                Spilled to memory (bytes for each architecture): %s.
                """.formatted(
                        architectures(), spills.isEmpty() ? "no register of any kernel" : String.join(", ", spills));
    }

    private static String architectures() {
        return Ptx.ARCHITECTURES.stream().map(compute -> "sm_" + compute).collect(Collectors.joining(", "));
    }

    private static String table(Family family, Map<String, List<Usage>> kernels) {
        String heads = architectures().replace(", ", " | ");
        StringBuilder text = new StringBuilder("%n## %s%n%n".formatted(family.file()))
                .append("| kernel | %s | shared | stack | spilled |%n".formatted(heads))
                .append("|---|%s---:|---|---|%n".formatted("---:|".repeat(Ptx.ARCHITECTURES.size())));
        kernels.forEach((kernel, usages) -> text.append("| `%s` | %s | %s | %s | %s |%n"
                .formatted(
                        kernel,
                        usages.stream().map(u -> String.valueOf(u.registers)).collect(Collectors.joining(" | ")),
                        list(usages, Usage::shared),
                        list(usages, Usage::stack),
                        list(usages, Usage::spilled))));
        return text.toString();
    }

    /** One number where it is the same for all architectures, nothing where that is 0. */
    private static String list(List<Usage> usages, ToIntFunction<Usage> part) {
        List<Integer> values = usages.stream().map(part::applyAsInt).toList();
        if (values.stream().distinct().count() == 1) {
            return values.getFirst() == 0 ? "" : values.getFirst().toString();
        }
        return values.stream().map(String::valueOf).collect(Collectors.joining(" / "));
    }

    private static int largest(List<Usage> usages, ToIntFunction<Usage> part) {
        return usages.stream().mapToInt(part).max().orElse(0);
    }

    /** By kernel, for each architecture. */
    private static Map<String, List<Usage>> usages(Family family) {
        KernelSource source = KernelSource.of(family);
        Map<String, List<Usage>> kernels = new TreeMap<>();
        for (int compute : Ptx.ARCHITECTURES) {
            for (String report : Nvrtc.resources(source, compute).split("(?=Compiling entry function)")) {
                var name = ENTRY.matcher(report);
                if (name.find()) {
                    kernels.computeIfAbsent(name.group(1), _ -> new ArrayList<>())
                            .add(usage(report));
                }
            }
        }
        return kernels;
    }

    private static Usage usage(String report) {
        return new Usage(
                number(REGISTERS, 1, report),
                number(SHARED, 1, report),
                number(STACK, 1, report),
                number(STACK, 2, report));
    }

    /** A number of a report, 0 where it says nothing. */
    private static int number(Pattern pattern, int group, String report) {
        var found = pattern.matcher(report);
        return found.find() ? Integer.parseInt(found.group(group)) : 0;
    }
}
