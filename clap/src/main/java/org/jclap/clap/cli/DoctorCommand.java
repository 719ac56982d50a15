package org.jclap.clap.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jclap.clap.doctor.BackendOffer;
import org.jclap.clap.doctor.CheckResult;
import org.jclap.clap.doctor.Machine;
import org.jclap.clap.doctor.SelfTest;
import org.jclap.tensor.BackendProvider;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What this machine offers. */
@Command(
        name = "doctor",
        description = "Says what this machine offers, what would compute and why, and what is missing.",
        footer = {"", "Examples:", "  jclap doctor", "  jclap doctor --self-test"})
final class DoctorCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @Option(
            names = "--self-test",
            description = "Also let every backend compute what the reference computes, and files make a round trip; the"
                    + " exit code is 1 when one fails.")
    private boolean selfTest;

    @Override
    public void run() {
        var machine = Machine.inspect();
        var offers = BackendOffer.all();
        var checks = selfTest ? SelfTest.run() : List.<CheckResult>of();
        var print = Objects.requireNonNull(spec).commandLine().getOut();
        if (json) {
            print.println(JsonFile.text(members(machine, offers, checks)));
        } else {
            facts(machine).forEach((name, value) -> print.println("%-16s %s".formatted(name, value)));
            print.println();
            for (var offer : offers) {
                print.println("%-16s %s".formatted("backend " + offer.name(), explain(offer)));
                offer.components().forEach(component -> print.println(line(component)));
            }
            if (!checks.isEmpty()) {
                print.println();
                checks.forEach(check -> print.println(line(check)));
            }
        }
        print.flush();
        requirePassed(checks);
    }

    private Map<String, Object> members(Machine machine, List<BackendOffer> offers, List<CheckResult> checks) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("version", Main.version());
        members.put("machine", machine);
        members.put("backends", offers);
        if (selfTest) {
            members.put("self_test", checks);
        }
        return members;
    }

    private static Map<String, String> facts(Machine machine) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("jclap", Main.version());
        facts.put("Java", machine.java());
        facts.put("system", machine.os());
        facts.put("processor", machine.cpu() + ", " + machine.processors() + " threads");
        facts.put(
                "memory",
                "%s, of which Java's heap may take %s"
                        .formatted(size(machine.memoryBytes()), size(machine.heapBytes())));
        facts.put(
                "Vector API",
                machine.vectorBits() == null
                        ? "absent; start java with --add-modules jdk.incubator.vector (./jclap does)"
                        : machine.vectorBits() + " bits preferred");
        facts.put("start-up cache", startupCache(machine));
        facts.put("audio", "WAV with " + String.join(", ", machine.audioFormats()));
        facts.put(
                "ffmpeg",
                machine.ffmpeg() == null
                        ? "not on the path; only needed to convert other audio formats"
                        : machine.ffmpeg());
        facts.put("free space", size(machine.freeBytes()) + " in " + machine.workingDirectory());
        return facts;
    }

    private static String startupCache(Machine machine) {
        if (machine.startupCache() == null) {
            return "none; ./jclap makes and uses one";
        }
        return machine.startupCache()
                + (machine.startupCacheUsed() ? "" : " is not used: it does not fit this Java or its options");
    }

    private static String size(long bytes) {
        return "%.1f GiB".formatted(bytes / (double) (1L << 30));
    }

    private static String explain(BackendOffer offer) {
        if (offer.obstacle() != null) {
            return "not used: " + offer.obstacle();
        }
        return (offer.chosen() ? "chosen, as the best that can run here: " : "can run: ") + offer.description();
    }

    private static String line(BackendProvider.Component component) {
        var state = "  %-14s %s".formatted(component.name(), component.state());
        return component.remedy() == null ? state : "%s%n  %-14s -> %s".formatted(state, "", component.remedy());
    }

    private static String line(CheckResult check) {
        var name = "%-9s  %-42s".formatted(check.subject(), check.check());
        if (!check.passed()) {
            return name + " FAILED: " + check.failure();
        }
        return name + (check.error() == 0 ? " exact" : " %.1e".formatted(check.error()));
    }

    private static void requirePassed(List<CheckResult> checks) {
        var failed = checks.stream().filter(check -> !check.passed()).toList();
        if (!failed.isEmpty()) {
            throw new UserException("the self-test failed: "
                    + failed.stream()
                            .map(check -> check.subject() + ", " + check.check())
                            .collect(Collectors.joining("; ")));
        }
    }
}
