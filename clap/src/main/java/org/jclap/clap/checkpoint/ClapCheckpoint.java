package org.jclap.clap.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.audio.LogMel;
import org.jclap.clap.audio.MelBank;
import org.jclap.clap.text.TokenBatch;
import org.jclap.clap.text.Vocabulary;
import org.jclap.clap.text.WordPiece;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.clap.TextBatch;
import org.jclap.models.cnn14.Cnn14Config;
import org.jclap.models.nn.Weights;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

/**
 * A model with everything that is needed to use it: sizes, front end, clip length, tokenizer. Saved as one safetensors file
 * whose tensors have the published names and whose metadata hold the rest, so that no command needs a second file.
 */
public record ClapCheckpoint(Clap model, FrontEnd frontEnd, double seconds, WordPiece tokenizer, int maxLength)
        implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ClapCheckpoint.class.getName());
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private static final String FORMAT = "jclap.clap";

    /** A new model whose mel bank is that of the front end. */
    public static ClapCheckpoint create(
            Backend backend,
            ClapConfig config,
            FrontEnd frontEnd,
            double seconds,
            WordPiece tokenizer,
            int maxLength,
            long seed) {
        return create(new Clap(backend, config, seed), frontEnd, seconds, tokenizer, maxLength);
    }

    private static ClapCheckpoint create(
            Clap model, FrontEnd frontEnd, double seconds, WordPiece tokenizer, int maxLength) {
        upload(MelBank.slaney(frontEnd).transposed(), model.audioBase().melBank());
        return new ClapCheckpoint(model, frontEnd, seconds, tokenizer, maxLength);
    }

    /** The samples of one clip at the front end's rate. */
    public int samples() {
        return frontEnd.samples(seconds);
    }

    /** The log-mel transform with the mel bank of the weights, which may differ from the one of the front end. */
    public LogMel logMel() {
        Tensor bank = model.audioBase().melBank();
        return new LogMel(
                frontEnd,
                MelBank.ofTransposed(
                        bank.toFloats(), bank.shape().dim(0), bank.shape().dim(1)));
    }

    /** Tokenized captions on the model's backend. */
    public TextBatch textBatch(TokenBatch tokens) {
        Backend backend = model.weights().backend();
        Shape shape = Shape.of(tokens.batch(), tokens.length());
        return new TextBatch(
                Tensor.of(backend, shape, tokens.ids()),
                Tensor.of(backend, shape, tokens.types()),
                Ops.cast(Tensor.of(backend, shape, tokens.mask()), DType.F32));
    }

    // ---------------------------------------------------------------------------------------------- files

    /** The metadata of the file: everything but the tensors. */
    public Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", FORMAT);
        metadata.put("model", json(model.config()));
        metadata.put("front_end", json(frontEnd));
        metadata.put("seconds", Double.toString(seconds));
        metadata.put("max_length", Integer.toString(maxLength));
        metadata.put("vocabulary", String.join("\n", tokenizer.vocabulary().tokens()));
        return metadata;
    }

    /** Writes the tensors that {@code exported} accepts, atomically; {@code more} is added to the metadata. */
    public void save(Path file, Map<String, String> more, Predicate<String> exported) {
        Map<String, String> metadata = metadata();
        // Sorted: the order of a Map.of differs between runs, and the same model shall have the same bytes.
        metadata.putAll(new TreeMap<>(more));
        Safetensors.write(
                file,
                metadata,
                items().stream().filter(item -> exported.test(item.name())).toList());
    }

    /** Writes the whole model, atomically; {@code more} is added to the metadata. */
    public void save(Path file, Map<String, String> more) {
        save(file, more, _ -> true);
    }

    /** The tensors of the model as they are written. */
    public List<Safetensors.Item> items() {
        List<Safetensors.Item> items = new ArrayList<>();
        model.weights().state().forEach((name, tensor) -> items.add(Safetensors.Item.of(name, tensor)));
        return items;
    }

    /** Reads a file that {@link #save} wrote, onto a backend. */
    public static ClapCheckpoint load(Backend backend, Path file) {
        return load(backend, Safetensors.read(file));
    }

    /** As {@link #load(Backend, Path)}, for a model whose weights will not change: it runs faster. */
    public static ClapCheckpoint loadConstant(Backend backend, Path file) {
        ClapCheckpoint checkpoint = load(backend, file);
        checkpoint.model().weights().makeConstant();
        return checkpoint;
    }

    /** As {@link #load(Backend, Path)}; tensors that the model does not have are left alone. */
    public static ClapCheckpoint load(Backend backend, Safetensors file) {
        if (!FORMAT.equals(file.metadata().get("format"))) {
            throw new UserException(file.path() + ": has weights but not the sizes and the vocabulary of a jclap"
                    + " checkpoint; train with model.init to use it as a start");
        }
        ClapConfig config = parse(file, "model", ClapConfig.class);
        FrontEnd frontEnd = parse(file, "front_end", FrontEnd.class);
        double seconds = parse(file, "seconds", Double.class);
        int maxLength = parse(file, "max_length", Integer.class);
        WordPiece tokenizer = new WordPiece(vocabulary(file));
        requireFit(file, seconds > 0 && seconds * frontEnd.sampleRate() < Integer.MAX_VALUE, "seconds");
        requireFit(file, maxLength >= 2 && maxLength <= config.text().positions(), "max_length");
        requireFit(file, tokenizer.vocabulary().size() <= config.text().vocabulary(), "vocabulary");
        requireFit(
                file,
                frontEnd.mels() == config.audio().mels()
                        && frontEnd.windowSize() == config.audio().window(),
                "front_end");
        requireSizes(file, config);
        ClapCheckpoint checkpoint =
                create(new Clap(Weights.blank(backend), config), frontEnd, seconds, tokenizer, maxLength);
        try {
            checkpoint.restore(file, _ -> true);
            return checkpoint;
        } catch (RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /** The vocabulary of a file that {@link #save} wrote. */
    public static Vocabulary vocabulary(Safetensors file) {
        List<String> tokens = List.of(field(file, "vocabulary").split("\n"));
        try {
            return Vocabulary.of(tokens);
        } catch (UserException e) {
            throw new UserException(file.path() + ": " + e.getMessage(), e);
        }
    }

    private static void requireFit(Safetensors file, boolean fits, String field) {
        if (!fits) {
            throw new UserException("%s: the metadata '%s' do not fit the model".formatted(file.path(), field));
        }
    }

    /** Holds the sizes against the shapes in the file before a model of these sizes is made: they decide its memory. */
    private static void requireSizes(Safetensors file, ClapConfig config) {
        Cnn14Config audio = config.audio();
        BertConfig text = config.text();
        int projection = config.projection();
        String cnn = "audio_encoder.base.";
        String bert = "caption_encoder.base.";
        for (int i = 0; i < audio.channels().size(); i++) {
            int channels = audio.channels().get(i);
            requireShape(file, cnn + "conv_block%d.conv2.weight".formatted(i + 1), channels, channels, 3, 3);
        }
        int window = audio.window();
        requireShape(file, cnn + "spectrogram_extractor.stft.conv_real.weight", window / 2 + 1, 1, window);
        requireShape(
                file, cnn + "fc1.weight", audio.embedding(), audio.channels().getLast());
        requireShape(file, cnn + "fc_audioset.weight", audio.classes(), audio.embedding());
        requireShape(file, bert + "embeddings.word_embeddings.weight", text.vocabulary(), text.hidden());
        requireShape(file, bert + "embeddings.position_embeddings.weight", text.positions(), text.hidden());
        if (text.layers() > 0) {
            String last = bert + "encoder.layer.%d.intermediate.dense.weight".formatted(text.layers() - 1);
            requireShape(file, last, text.intermediate(), text.hidden());
        }
        requireShape(file, "audio_encoder.projection.linear2.weight", projection, projection);
        requireShape(file, "caption_encoder.projection.linear2.weight", projection, projection);
    }

    private static void requireShape(Safetensors file, String name, int... dims) {
        Shape actual = file.entry(name).shape();
        if (!Arrays.equals(actual.toArray(), dims)) {
            throw new UserException("%s: tensor '%s' is %s, the sizes in the metadata need %s"
                    .formatted(file.path(), name, actual, Arrays.toString(dims)));
        }
    }

    /**
     * Overwrites the tensors that {@code required} accepts with those of the file; every one must be there with the same
     * shape and type.
     */
    public void restore(Safetensors file, Predicate<String> required) {
        model.weights().state().forEach((name, tensor) -> {
            if (required.test(name)) {
                copy(file, name, tensor);
            }
        });
    }

    /**
     * Overwrites the tensors that the file has, and says how many. The tagging head may have another shape: it belongs to
     * the labels of its training and is skipped.
     */
    public void initialize(Safetensors file) {
        int taken = 0;
        for (Map.Entry<String, Tensor> entry : model.weights().state().entrySet()) {
            String name = entry.getKey();
            boolean otherHead = name.contains(".fc_audioset.")
                    && file.has(name)
                    && !file.entry(name).shape().equals(entry.getValue().shape());
            if (file.has(name) && !otherHead) {
                copy(file, name, entry.getValue());
                taken++;
            }
        }
        if (taken == 0) {
            throw new UserException(file.path() + ": holds none of this model's tensors");
        }
        LOG.log(
                System.Logger.Level.INFO,
                "{0}: start of {1} of {2} tensors",
                file.path(),
                taken,
                model.weights().state().size());
        warnAboutMelBank();
    }

    private void warnAboutMelBank() {
        float[] configured = MelBank.slaney(frontEnd).transposed();
        float[] held = model.audioBase().melBank().toFloats();
        float largest = 0;
        for (int i = 0; i < held.length; i++) {
            largest = Math.max(largest, Math.abs(held[i] - configured[i]));
        }
        if (largest > 1e-4) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the weights carry a mel bank that is not that of {0}; the one of the weights is used",
                    frontEnd.fingerprint());
        }
    }

    private static void copy(Safetensors file, String name, Tensor target) {
        Safetensors.Entry entry = file.entry(name);
        if (!entry.shape().equals(target.shape()) || entry.dtype() != target.dtype()) {
            throw new UserException("%s: tensor '%s' is %s %s, the model needs %s"
                    .formatted(file.path(), name, entry.dtype(), entry.shape(), target.type()));
        }
        HostStorage elements = file.elements(name);
        target.backend().upload(elements, 0, target.storage(), target.offset(), elements.length());
    }

    private static void upload(float[] values, Tensor target) {
        HostStorage host = HostStorage.wrap(DType.F32, values, values.length);
        target.backend().upload(host, 0, target.storage(), target.offset(), values.length);
    }

    private static String field(Safetensors file, String name) {
        String value = file.metadata().get(name);
        if (value == null) {
            throw new UserException(file.path() + ": the metadata have no '" + name + "'");
        }
        return value;
    }

    private static <T> T parse(Safetensors file, String name, Class<T> type) {
        try {
            return JSON.readValue(field(file, name), type);
        } catch (JsonProcessingException e) {
            throw new UserException(
                    "%s: bad metadata '%s': %s".formatted(file.path(), name, e.getOriginalMessage()), e);
        }
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
