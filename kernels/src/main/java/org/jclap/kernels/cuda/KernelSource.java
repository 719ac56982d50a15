package org.jclap.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The CUDA C++ of one family, with its includes in their places: what is hashed is what is compiled.
 *
 * @param family which family
 * @param text one self-contained source
 * @param hash SHA-256 of the text
 */
public record KernelSource(Family family, String text, String hash) {
    private static final Pattern INCLUDE = Pattern.compile("#include \"(.+)\"");
    private static final String FOLDER = "/org/jclap/kernels/cuda/";

    /** The source of a family, from the class path. */
    public static KernelSource of(Family family) {
        String text = inline(family.file() + ".cu", new HashSet<>());
        return new KernelSource(family, text, sha256(text));
    }

    /** The committed PTX for an architecture, as {@code compute_80}; null when there is none. */
    public @Nullable String ptx(int compute) {
        return read(ptxPath(compute));
    }

    /** Where the PTX of an architecture is kept, below the folder of the sources. */
    public String ptxPath(int compute) {
        return "ptx/%s.compute_%d.ptx".formatted(family.file(), compute);
    }

    /** The first lines of a PTX file, by which drivers of ours and builds know what it was made of. */
    public String header() {
        return "// family %s\n// source %s\n".formatted(family.file(), hash);
    }

    /** Whether PTX was made from this very source. */
    public boolean isSourceOf(@Nullable String ptx) {
        return ptx != null && ptx.startsWith(header());
    }

    /** The text of a file with every {@code #include "..."} replaced by its file, each file once. */
    private static String inline(String file, Set<String> included) {
        if (!included.add(file)) {
            return "";
        }
        String text = read(file);
        if (text == null) {
            throw new IllegalStateException("the kernel source " + file + " is not on the class path");
        }
        StringBuilder whole = new StringBuilder();
        for (String line : text.lines().filter(l -> !l.equals("#pragma once")).toList()) {
            var include = INCLUDE.matcher(line);
            whole.append(include.matches() ? inline(include.group(1), included) : line + "\n");
        }
        return whole.toString();
    }

    private static @Nullable String read(String file) {
        try (InputStream in = KernelSource.class.getResourceAsStream(FOLDER + file)) {
            return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the kernel source " + file, e);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has SHA-256", e);
        }
    }
}
