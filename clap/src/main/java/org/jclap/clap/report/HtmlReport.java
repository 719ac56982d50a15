package org.jclap.clap.report;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jclap.tensor.io.AtomicFile;

/** A report as one HTML file: sections of prose, facts, tables and figures, with style sheets inside. */
public final class HtmlReport {
    private static final int MIN_SECTIONS_FOR_CONTENTS = 3;

    private final String title;
    private final String lead;
    private final Map<String, String> facts;
    private final List<String> headings = new ArrayList<>();
    private final Markup body = new Markup();
    private int figures;
    private int tables;

    /**
     * A report without sections yet.
     *
     * @param lead one sentence under the title
     * @param facts names and values under it, in the order of the map, for example seed and data
     */
    public HtmlReport(String title, String lead, Map<String, String> facts) {
        this.title = title;
        this.lead = lead;
        this.facts = facts;
    }

    /** Adds a section, which {@code content} fills from top to bottom. */
    public HtmlReport section(String heading, Consumer<Section> content) {
        headings.add(heading);
        body.open("section", "id", "s" + headings.size()).element("h2", heading);
        content.accept(new Section());
        body.close("section");
        return this;
    }

    /** The parts of one section. */
    public final class Section {
        private Section() {}

        /** Plain text; an empty line starts a new paragraph. */
        public Section prose(String text) {
            for (String paragraph : text.strip().split("\\n\\s*\\n")) {
                body.element("p", paragraph.strip());
            }
            return this;
        }

        /** A list of short statements. */
        public Section bullets(List<String> items) {
            body.open("ul");
            items.forEach(item -> body.element("li", item));
            body.close("ul");
            return this;
        }

        /** Names and values, in the order of the map. */
        public Section facts(Map<String, String> facts) {
            writeFacts(body, facts);
            return this;
        }

        /** A numbered table with its caption over it. */
        public Section table(String caption, Table table) {
            body.open("figure", "class", "table");
            caption("Table " + ++tables, caption);
            table.write(body);
            body.close("figure");
            return this;
        }

        /** A numbered figure with its caption under it. */
        public Section figure(Chart chart, String caption) {
            body.open("figure").raw(chart.toSvg());
            caption("Figure " + ++figures, caption);
            body.close("figure");
            return this;
        }

        private void caption(String number, String text) {
            body.open("figcaption").element("b", number + ". ").text(text).close("figcaption");
        }
    }

    /** The whole page, which is well-formed XML as well. */
    public String toHtml() {
        var html = new Markup()
                .raw("<!DOCTYPE html>\n")
                .open("html", "lang", "en")
                .open("head")
                .empty("meta", "charset", "utf-8")
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .element("title", title)
                .open("style")
                .raw(Style.CHART + Style.PAGE)
                .close("style")
                .close("head")
                .open("body")
                .open("header")
                .element("h1", title)
                .element("p", lead, "class", "lead");
        writeFacts(html, facts);
        html.close("header");
        if (headings.size() >= MIN_SECTIONS_FOR_CONTENTS) {
            html.open("nav", "aria-label", "Contents");
            for (int i = 0; i < headings.size(); i++) {
                html.element("a", headings.get(i), "href", "#s" + (i + 1)).raw(" ");
            }
            html.close("nav");
        }
        return html.open("main")
                .raw(body.toString())
                .close("main")
                .element("footer", "Written by jclap.")
                .close("body")
                .close("html")
                .raw("\n")
                .toString();
    }

    /** Writes the page, or leaves the previous file as it was. */
    public void write(Path file) {
        byte[] bytes = toHtml().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(bytes));
    }

    private static void writeFacts(Markup html, Map<String, String> facts) {
        if (facts.isEmpty()) {
            return;
        }
        html.open("dl");
        facts.forEach((name, value) -> html.element("dt", name).element("dd", value));
        html.close("dl");
    }
}
