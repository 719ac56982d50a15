package org.jclap.tests.emulator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * C++ for the functions of a library that JCuda calls and nothing emulates: they answer that they are not supported, where a
 * missing one would end the process. They are weak, so whoever emulates one just defines it.
 */
final class Stubs {
    private Stubs() {}

    /** Stubs of what JCuda's part of this name links against: symbols that begin with the prefix. */
    static String of(String binding, String prefix, int status) throws IOException {
        String file = "/lib/lib%s-12.6.0-linux-x86_64.so".formatted(binding);
        try (InputStream in = Stubs.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IOException("JCuda's " + file + " is not on the class path");
            }
            // Names of symbols stand in the file as they are, each between zeros.
            String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return Pattern.compile("\\x00(" + prefix + "[A-Z]\\w*)(?=\\x00)")
                    .matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .collect(Collectors.toCollection(TreeSet::new))
                    .stream()
                    .map(name -> "extern \"C\" __attribute__((visibility(\"default\"), weak)) int %s() { return %d; }%n"
                            .formatted(name, status))
                    .collect(Collectors.joining());
        }
    }
}
