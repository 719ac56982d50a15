package org.jclap.clap.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jclap.clap.text.TextFile;
import org.jclap.tensor.UserException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads the JSON and YAML files of published data sets into a tree. */
final class JsonDocument {
    private JsonDocument() {}

    static JsonNode readJson(Path file) {
        return read(file, new JsonFactory());
    }

    static JsonNode readYaml(Path file) {
        var options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE); // the default of 3 MB is smaller than MACS
        return read(file, YAMLFactory.builder().loaderOptions(options).build());
    }

    private static JsonNode read(Path file, JsonFactory format) {
        try {
            return TextFile.read(file, StandardCharsets.UTF_8, in -> new ObjectMapper(format).readTree(in));
        } catch (YAMLException e) {
            throw new UserException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The text of a scalar field, or an empty string where there is none. */
    static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }
}
