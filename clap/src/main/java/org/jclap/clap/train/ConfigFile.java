package org.jclap.clap.train;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jclap.tensor.UserException;

/**
 * Reads a configuration: defaults, then the YAML file, then {@code key=value} overrides such as {@code optimizer.lr=1e-3}.
 * A key that does not exist is an error that names the nearest one; a value of the wrong kind is an error that names the
 * key and what is allowed.
 */
public final class ConfigFile {
    private static final ObjectMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .addModule(new SimpleModule().addSerializer(new LowerCase()))
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();
    private static final long MAX_BYTES = 1 << 20;

    private ConfigFile() {}

    /** Writes constants as they are written in configurations. */
    @SuppressWarnings("rawtypes") // Jackson's serializers are found by the raw class
    private static final class LowerCase extends StdSerializer<Enum> {
        private static final long serialVersionUID = 1L;

        LowerCase() {
            super(Enum.class);
        }

        @Override
        public void serialize(Enum value, JsonGenerator generator, SerializerProvider provider) throws IOException {
            generator.writeString(value.name().toLowerCase(Locale.ROOT));
        }
    }

    /** The configuration of a YAML file with overrides; relative paths inside it stay relative to the working directory. */
    public static TrainConfig read(Path file, List<String> overrides) {
        ObjectNode tree = MAPPER.valueToTree(TrainConfig.defaults());
        merge(tree, parse(file), "", file.toString());
        return convert(tree, overrides, file.toString());
    }

    /** The defaults with overrides. */
    public static TrainConfig of(List<String> overrides) {
        return convert(MAPPER.valueToTree(TrainConfig.defaults()), overrides, "defaults");
    }

    /** The YAML text of a configuration; reading it gives the same configuration. */
    public static String text(TrainConfig config) {
        try {
            return MAPPER.writeValueAsString(config);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode parse(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new UserException(file + ": larger than any configuration");
            }
            JsonNode node = MAPPER.readTree(Files.readString(file));
            boolean empty = node.isTextual() && node.textValue().isEmpty();
            if (node.isMissingNode() || node.isNull() || empty) {
                return MAPPER.createObjectNode();
            }
            if (!node.isObject()) {
                throw new UserException(file + ": expected 'key: value' lines");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new UserException("%s: not valid YAML%s: %s".formatted(file, at(e), e.getOriginalMessage()), e);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new UserException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new UserException(file + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new UserException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String at(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
    }

    private static void merge(ObjectNode target, JsonNode source, String prefix, String origin) {
        for (Map.Entry<String, JsonNode> member : source.properties()) {
            String key = prefix + member.getKey();
            JsonNode known = target.get(member.getKey());
            if (known == null) {
                throw unknown(key, names(target), origin);
            }
            if (known.isObject()) {
                if (!member.getValue().isObject()) {
                    throw new UserException("%s: '%s' is a section with the keys %s"
                            .formatted(origin, key, String.join(", ", names(known))));
                }
                merge((ObjectNode) known, member.getValue(), key + ".", origin);
            } else {
                target.set(member.getKey(), member.getValue());
            }
        }
    }

    private static TrainConfig convert(ObjectNode tree, List<String> overrides, String origin) {
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new UserException("'" + override + "' is not key=value");
            }
            merge(tree, nested(override.substring(0, equals), override.substring(equals + 1)), "", "command line");
        }
        requireValues(tree, MAPPER.valueToTree(TrainConfig.defaults()), "", origin);
        try {
            TrainConfig config = MAPPER.treeToValue(tree, TrainConfig.class);
            ConfigCheck.check(config);
            return config;
        } catch (JsonMappingException e) {
            throw new UserException("%s: %s".formatted(origin, explain(e)), e);
        } catch (JsonProcessingException e) {
            throw new UserException("%s: %s".formatted(origin, e.getOriginalMessage()), e);
        }
    }

    /** Refuses null where the default is not null, and in lists. */
    private static void requireValues(JsonNode tree, JsonNode defaults, String prefix, String origin) {
        for (Map.Entry<String, JsonNode> member : tree.properties()) {
            String key = prefix + member.getKey();
            JsonNode value = member.getValue();
            JsonNode standard = defaults.path(member.getKey());
            if (standard.isObject()) {
                requireValues(value, standard, key + ".", origin);
            } else if ((value.isNull() && !standard.isNull())
                    || value.valueStream().anyMatch(JsonNode::isNull)) {
                throw new UserException("%s: '%s' has no value".formatted(origin, key));
            }
        }
    }

    /** {@code a.b.c} and a YAML value to nested objects. */
    private static JsonNode nested(String key, String value) {
        try {
            JsonNode parsed = MAPPER.readTree(value);
            JsonNode node = parsed.isMissingNode() ? TextNode.valueOf(value) : parsed;
            List<String> path = Arrays.asList(key.split("\\.", -1));
            for (String part : path.reversed()) {
                node = MAPPER.createObjectNode().set(part, node);
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new UserException("the value of '%s' is not valid YAML: %s".formatted(key, value), e);
        }
    }

    private static String explain(JsonMappingException e) {
        String key = e.getPath().stream()
                .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : r.getFieldName())
                .collect(Collectors.joining("."));
        return e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null
                ? "'%s' must be %s".formatted(key, allowed(mismatch.getTargetType()))
                : "'%s': %s".formatted(key, e.getOriginalMessage());
    }

    private static String allowed(Class<?> type) {
        if (type.isEnum()) {
            return Arrays.stream(type.getEnumConstants())
                    .map(c -> c.toString().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", ", "one of ", ""));
        }
        if (type == int.class || type == long.class) {
            return "a whole number";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        return List.class.isAssignableFrom(type) ? "a list, such as [a, b]" : "text";
    }

    private static UserException unknown(String key, Set<String> known, String origin) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        String nearest = known.stream()
                .min(Comparator.comparingInt(k -> distance(last, k)))
                .orElse("");
        return new UserException("%s: unknown key '%s'; did you mean '%s'? Keys here: %s"
                .formatted(origin, key, nearest, String.join(", ", known)));
    }

    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Levenshtein's edit distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substitution, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
