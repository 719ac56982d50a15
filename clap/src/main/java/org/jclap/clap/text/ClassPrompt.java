package org.jclap.clap.text;

import java.util.Locale;

/**
 * Turns a class label into a caption: the prefix, then the label as words, in lower case.
 *
 * @param prefix the words before the label; a space is put between when the prefix does not end with one
 */
public record ClassPrompt(String prefix) {
    /** The prompt of the published zero-shot evaluations. */
    public static final ClassPrompt DEFAULT = new ClassPrompt("this is a sound of ");

    /** The caption of a class, for example {@code this is a sound of dog bark} for {@code dog_bark}. */
    public String caption(String label) {
        var separated = prefix.isEmpty() || Character.isWhitespace(prefix.charAt(prefix.length() - 1));
        return (prefix + (separated ? "" : " ") + words(label)).toLowerCase(Locale.ROOT);
    }

    /** A label with underscores and slashes as spaces. */
    public static String words(String label) {
        return label.replace('_', ' ').replace('/', ' ').strip();
    }
}
