package org.jclap.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.tensor.Backend;
import org.jclap.tensor.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

/** The model of the published sizes has exactly the names and shapes of the published checkpoint. */
final class PublishedNamesTest {
    @Test
    void stateOfTheBaseModelEqualsThePublishedCheckpoint() {
        try (Backend backend = new ReferenceBackend();
                Clap model = new Clap(backend, ClapConfig.base(), 1)) {
            Map<String, String> actual = new TreeMap<>();
            model.weights()
                    .state()
                    .forEach((name, tensor) -> actual.put(
                            name,
                            tensor.shape()
                                    .toString()
                                    .replace(" ", "")
                                    .replace('(', '[')
                                    .replace(')', ']')));
            assertEquals(published("clap_weights_2022.tsv"), actual);
        }
    }

    @Test
    void parameterCountsAreThePublishedOnes() {
        try (Backend backend = new ReferenceBackend();
                Clap model = new Clap(backend, ClapConfig.base(), 1)) {
            assertEquals(
                    80_753_615, model.weights().at("audio_encoder").at("base").parameterCount());
            assertEquals(
                    109_482_240,
                    model.weights().at("caption_encoder").at("base").parameterCount());
            assertEquals(195_220_688, model.weights().parameterCount());
        }
    }

    private static Map<String, String> published(String file) {
        Map<String, String> names = new TreeMap<>();
        try (InputStream in = PublishedNamesTest.class.getResourceAsStream("/keys/" + file)) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            for (String line : lines.subList(1, lines.size())) {
                String[] cells = line.split("\t", -1);
                // Position ids 0..511 were registered by old versions only; they are no weights.
                if (!cells[0].endsWith(".position_ids")) {
                    names.put(cells[0], cells[1]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
