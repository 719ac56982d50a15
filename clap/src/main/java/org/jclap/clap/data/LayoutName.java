package org.jclap.clap.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jclap.tensor.UserException;

/** Finds a layout by the name that configurations and command lines use. */
final class LayoutName {
    private LayoutName() {}

    static <E extends Enum<E>> E find(E[] layouts, String name) {
        return Arrays.stream(layouts)
                .filter(layout -> layout.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new UserException("unknown layout \"%s\"; expected %s"
                        .formatted(
                                name,
                                Arrays.stream(layouts)
                                        .map(layout -> layout.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", ")))));
    }
}
