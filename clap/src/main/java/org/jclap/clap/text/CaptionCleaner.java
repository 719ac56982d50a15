package org.jclap.clap.text;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Cleans captions as the curation scripts of Wang et al. (WASPAA 2023) do. */
public final class CaptionCleaner {
    /** From the first opening to the last closing link of a line: descriptions often consist of a row of links. */
    private static final Pattern LINKS = Pattern.compile("<a[^\\n]*</a>");

    /** Unicode white space, the no-break space included, at either end. */
    private static final Pattern MARGINS = Pattern.compile("(?U)\\A\\s+|\\s+\\z");

    private static final Pattern FREESOUND_NOISE = Pattern.compile("[\\r$*]");

    private CaptionCleaner() {}

    /** Removes commas, turns underscores into spaces and strips the ends. */
    public static String clean(String caption) {
        return strip(caption.replace(",", "").replace('_', ' '));
    }

    /**
     * Cleans what a Freesound user wrote about a sound: links are cut, line feeds become spaces, carriage returns,
     * {@code $} and {@code *} go, then {@link #clean}.
     */
    public static String cleanFreesound(String text) {
        return Arrays.stream(LINKS.split(strip(text), -1))
                .map(part -> strip(part).replace('\n', ' '))
                .map(part -> FREESOUND_NOISE
                        .matcher(part)
                        .replaceAll("")
                        .replace(",", "")
                        .replace('_', ' '))
                .collect(Collectors.collectingAndThen(Collectors.joining(" "), CaptionCleaner::strip));
    }

    private static String strip(String text) {
        return MARGINS.matcher(text).replaceAll("");
    }
}
