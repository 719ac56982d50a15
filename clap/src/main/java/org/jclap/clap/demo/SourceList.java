package org.jclap.clap.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.jclap.tensor.UserException;

/** What is really to be heard in each clip of a synthesized corpus. */
record SourceList(Path corpus, Map<String, String> sources) {
    static SourceList read(Path corpus) {
        Path file = corpus.resolve("sources.csv");
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (CSVParser rows = CSVParser.parse(file, StandardCharsets.UTF_8, format)) {
            Map<String, String> sources = new HashMap<>();
            rows.forEach(row -> sources.put(
                    row.get("wav_path"), row.get("sources").replace(";", " + ").replace('_', ' ')));
            return new SourceList(corpus, sources);
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    String of(Path clip) {
        Path below = corpus.toAbsolutePath()
                .normalize()
                .relativize(clip.toAbsolutePath().normalize());
        return sources.getOrDefault(below.toString().replace('\\', '/'), "unknown");
    }
}
