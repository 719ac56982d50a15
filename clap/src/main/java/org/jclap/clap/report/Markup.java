package org.jclap.clap.report;

/** Writes well-formed markup, HTML and SVG alike: every text and attribute value is escaped here and nowhere else. */
final class Markup {
    private final StringBuilder out = new StringBuilder();

    /** Opens an element; attributes are name, value pairs. */
    Markup open(String tag, Object... attributes) {
        start(tag, attributes);
        out.append('>');
        return this;
    }

    Markup close(String tag) {
        out.append("</").append(tag).append('>');
        return this;
    }

    /** An element without content. */
    Markup empty(String tag, Object... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /** An element that holds only text. */
    Markup element(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close(tag);
    }

    /** SVG text at a position. */
    Markup textAt(double x, double y, String text, String classes) {
        return element("text", text, "x", x, "y", y, "class", classes);
    }

    Markup line(double x1, double y1, double x2, double y2, String classes) {
        return empty("line", "x1", x1, "y1", y1, "x2", x2, "y2", y2, "class", classes);
    }

    Markup text(String text) {
        out.append(escape(text));
        return this;
    }

    /** Markup that another builder has escaped already. */
    Markup raw(String markup) {
        out.append(markup);
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private void start(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            String value = attributes[i + 1] instanceof Double number
                    ? Numbers.coordinate(number)
                    : escape(attributes[i + 1].toString());
            out.append(' ').append(attributes[i]).append("=\"").append(value).append('"');
        }
    }

    /** Control characters and lone surrogates, which XML cannot hold even escaped, become the replacement character. */
    private static String escape(String text) {
        var escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(allowed(c) ? c : 0xFFFD);
            }
        });
        return escaped.toString();
    }

    private static boolean allowed(int c) {
        boolean control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
        boolean surrogate = c >= 0xD800 && c <= 0xDFFF;
        return !control && !surrogate && c != 0xFFFE && c != 0xFFFF;
    }
}
