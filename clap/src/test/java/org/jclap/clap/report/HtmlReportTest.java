package org.jclap.clap.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class HtmlReportTest {
    private static final String HOSTILE = "<script>alert('&')</script>";

    private static HtmlReport full() {
        var table = new Table(
                        Table.text("name " + HOSTILE),
                        Table.number("accuracy", 2, Table.Best.HIGHEST),
                        Table.number("loss", 1, Table.Best.LOWEST),
                        Table.number("size", 0))
                .row(HOSTILE, 0.5, 2.0, 7)
                .row("b", 0.75, Double.NaN, 1234567L)
                .row("c", 0.75, 3, 8);
        return new HtmlReport(HOSTILE, HOSTILE, Map.of(HOSTILE, HOSTILE))
                .section(
                        HOSTILE,
                        section -> section.prose("one\n\ntwo " + HOSTILE)
                                .bullets(List.of(HOSTILE, "b"))
                                .facts(Map.of("seed", "1"))
                                .table("scores " + HOSTILE, table))
                .section(
                        "second",
                        section -> section.figure(
                                ScatterChart.map("m", List.of(new ScatterChart.Point(1, 2, "g", "p"))), HOSTILE))
                .section(
                        "third",
                        section -> section.figure(
                                new Heatmap("h", "r", "c", 0, List.of("a"), List.of("b"), new double[][] {{1}}),
                                "second"));
    }

    @Test
    void isWellFormedEscapedAndSelfContained() {
        String html = full().toHtml();
        var document = Xml.parse(html);
        assertTrue(Xml.elements(document, "script").isEmpty());
        for (String attribute : List.of("src=", "@import", "url(", "href=\"http")) {
            assertFalse(html.contains(attribute), attribute);
        }
        assertEquals(HOSTILE, Xml.elements(document, "h1").getFirst().getTextContent());
        assertEquals(List.of("one", "two " + HOSTILE), texts(document, "p").subList(1, 3));
    }

    @Test
    void numbersFiguresAndTablesAndLinksSections() {
        var document = Xml.parse(full().toHtml());
        assertEquals(List.of("Table 1. ", "Figure 1. ", "Figure 2. "), texts(document, "b"));
        var links = Xml.elements(document, "a");
        assertEquals(3, links.size());
        var sections = Xml.elements(document, "section");
        for (int i = 0; i < links.size(); i++) {
            assertEquals("#" + sections.get(i).getAttribute("id"), links.get(i).getAttribute("href"));
        }
    }

    @Test
    void marksTheBestOfAColumnAndEveryEqual() {
        var document = Xml.parse(full().toHtml());
        var best = Xml.elements(document, "td", "best");
        assertEquals(
                List.of("2.0", "0.75", "0.75"),
                best.stream().map(cell -> cell.getTextContent()).toList());
        assertEquals(9, Xml.elements(document, "td", "number").size());
        assertTrue(texts(document, "td").containsAll(List.of("–", "1,234,567")));
    }

    @Test
    void writesTheFile(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("report/index.html");
        full().write(file);
        assertEquals(full().toHtml(), Files.readString(file));
    }

    @Test
    void refusesRowsThatDoNotFitTheColumns() {
        var table = new Table(Table.text("a"), Table.number("b", 1));
        assertThrows(IllegalArgumentException.class, () -> table.row("x"));
        assertThrows(IllegalArgumentException.class, () -> table.row("x", "y"));
    }

    private static List<String> texts(Document document, String tag) {
        return Xml.elements(document, tag).stream()
                .map(element -> element.getTextContent())
                .toList();
    }
}
