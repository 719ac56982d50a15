package org.jclap.bench.peers;

import ai.djl.pytorch.engine.PtNDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jclap.bench.Stage;
import org.jclap.models.bert.Bert;
import org.jclap.models.bert.BertConfig;
import org.jclap.models.clap.Clap;
import org.jclap.models.clap.ClapConfig;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.cnn14.Cnn14Config;

/** The cases that PyTorch has, too. */
final class Duels {
    /** Both towers in one step. */
    static final String CLAP_STEP = "train/clap base 4 x 5 s, 100 tokens, no dropout";

    private static final int BATCH = 4;
    private static final int FRAMES = 690;
    private static final int TOKENS = 100;
    private static final int ROWS = 16_384;
    private static final int WIDTH = 1024;

    private static final String CHANNELS_FIRST = "channels_first";
    private static final String CHANNELS_LAST = "channels_last";
    /** Images narrower than this: PyTorch was faster with channels first there, and with channels last on wider ones. */
    private static final int NARROW = 8;

    /** Rounding of sums of up to 10⁵ products in two orders; Winograd's convolution loses a digit more. */
    private static final double SUM = 1e-4;
    /** Errors grow through the layers of a model, and batch normalisation over few values amplifies them. */
    private static final double MODEL = 1e-2;
    /**
     * Clips of noise differ little, and the contrastive loss sees their differences alone: where rounding then picks another
     * maximum over time, gradients jump. PyTorch's are up to 0.016 from what it computes in F64 here, ours 0.004.
     */
    private static final double CONTRASTIVE = 3e-2;

    private Duels() {}

    static List<Duel> all() {
        return Stream.of(gemms(), convolutions(), passes(), losses(), models())
                .flatMap(Function.identity())
                .toList();
    }

    /** The duel with this name. */
    static Duel find(String name) {
        return all().stream()
                .filter(duel -> duel.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no case is named " + name));
    }

    // ---------------------------------------------------------------------------------------------- ops

    private static Stream<Duel> gemms() {
        return Stream.of(
                matmul(512, 0),
                matmul(1024, 1),
                linear(400, 768, 768, 0),
                linear(400, 3072, 768, 0),
                linear(400, 768, 3072, 1));
    }

    private static Duel matmul(int n, int quick) {
        return new Duel("gemm/%dx%dx%d".formatted(n, n, n), quick, SUM, (stage, torch) -> {
            var a = torch.tensor(stage.uniform(n, n));
            return torch.plain("matmul").with(a).with(torch.convert("copy", a));
        });
    }

    private static Duel linear(int m, int n, int k, int quick) {
        var name = "gemm/%dx%dx%d transposed".formatted(m, n, k);
        return new Duel(
                name,
                quick,
                SUM,
                (stage, torch) -> torch.plain("linear")
                        .with(torch.tensor(stage.uniform(m, k)))
                        .with(torch.tensor(stage.uniform(n, k))));
    }

    private static Stream<Duel> convolutions() {
        return Stream.of(
                        convolution(1, 64, 690, 64, 0),
                        convolution(64, 64, 690, 64, 1),
                        convolution(256, 256, 172, 16, 0),
                        convolution(1024, 1024, 43, 4, 1),
                        convolution(2048, 2048, 21, 2, 0))
                .flatMap(Function.identity());
    }

    private static Stream<Duel> convolution(int in, int out, int height, int width, int quick) {
        var channels = in == out ? "%d channels".formatted(in) : "%d to %d channels".formatted(in, out);
        var name = "conv3x3/%s %dx%d ".formatted(channels, height, width);
        var faster = width < NARROW ? CHANNELS_FIRST : CHANNELS_LAST;
        return Stream.of(
                new Duel(
                        name + "forward",
                        0,
                        SUM,
                        layouts(
                                faster,
                                layout -> (stage, torch) -> torch.plain("conv_forward")
                                        .with(torch.convert(layout, image(stage, torch, height, width, in)))
                                        .with(torch.convert(layout, torch.tensor(stage.uniform(out, in, 3, 3)))))),
                new Duel(name + "forward+backward", quick, SUM, layouts(faster, layout -> (stage, torch) -> {
                    var x = torch.convert(layout, image(stage, torch, height, width, in));
                    var w = torch.convert(layout, torch.tensor(stage.uniform(out, in, 3, 3)));
                    return torch.recorded("conv_forward_backward")
                            .with(Torch.withGradient(x))
                            .with(Torch.withGradient(w))
                            .with(torch.convert(layout, image(stage, torch, height, width, out)));
                })));
    }

    private static PtNDArray image(Stage stage, Torch torch, int height, int width, int channels) {
        return torch.convert("image", torch.tensor(stage.uniform(BATCH, height, width, channels)));
    }

    /**
     * Both orders in which images may lie in memory, each named by the function that makes it; the one that was faster
     * comes first, since a first impression stops there.
     */
    private static SequencedMap<String, Duel.Opponent> layouts(String faster, Function<String, Duel.Opponent> of) {
        var other = faster.equals(CHANNELS_LAST) ? CHANNELS_FIRST : CHANNELS_LAST;
        var variants = new LinkedHashMap<String, Duel.Opponent>();
        for (var layout : List.of(faster, other)) {
            variants.put(layout.replace('_', ' '), of.apply(layout));
        }
        return variants;
    }

    private static Stream<Duel> passes() {
        return Stream.of(
                new Duel("memory/a + b 16M", 0, SUM, (stage, torch) -> {
                    var a = torch.tensor(stage.uniform(ROWS * WIDTH));
                    return torch.plain("add")
                            .with(a)
                            .with(torch.convert("copy", a))
                            .with(torch.convert("zeros_like", a));
                }),
                map("relu 16M", 0, "relu"),
                map("gelu 16M", 0, "gelu"),
                map("softmax 16384x1024", 1, "softmax"),
                new Duel(
                        "memory/layer norm 16384x1024",
                        1,
                        SUM,
                        (stage, torch) -> torch.plain("layer_norm")
                                .with(torch.tensor(stage.uniform(ROWS, WIDTH)))
                                .with(torch.tensor(stage.uniform(WIDTH)))
                                .with(torch.tensor(stage.uniform(WIDTH)))));
    }

    private static Duel map(String name, int quick, String function) {
        return new Duel("memory/" + name, quick, SUM, (stage, torch) -> {
            var x = torch.tensor(stage.uniform(ROWS, WIDTH));
            return torch.plain(function).with(x).with(torch.convert("zeros_like", x));
        });
    }

    // ---------------------------------------------------------------------------------------------- losses

    private static Stream<Duel> losses() {
        return Stream.of(1024, 4096)
                .flatMap(n -> Stream.of(
                        new Duel("loss/hard %d".formatted(n), 0, SUM, (stage, torch) -> loss("hard", stage, torch, n)),
                        new Duel(
                                "loss/soft %d".formatted(n),
                                0,
                                SUM,
                                (stage, torch) -> loss("soft", stage, torch, n)
                                        .with(torch.tensor(stage.unitRows(n, WIDTH)))
                                        .with(torch.tensor(stage.unitRows(n, WIDTH)))
                                        .with(torch.scalar(0.5)))));
    }

    private static Torch.Call loss(String function, Stage stage, Torch torch, int n) {
        return torch.recorded(function)
                .with(torch.leaf(stage.unitRows(n, WIDTH)))
                .with(torch.leaf(stage.unitRows(n, WIDTH)))
                .with(Torch.withGradient(torch.scalar(Math.log(1 / 0.07))));
    }

    // ---------------------------------------------------------------------------------------------- models

    private static Stream<Duel> models() {
        var cnn14 = Cnn14Config.base();
        var bert = BertConfig.base();
        var clap = ClapConfig.base();
        return Stream.of(
                new Duel(
                        "infer/cnn14 base 4 x 5 s",
                        0,
                        SUM,
                        layouts(
                                CHANNELS_FIRST,
                                layout -> (stage, torch) -> torch.plain("cnn14_infer")
                                        .with(logMel(stage, torch, cnn14))
                                        .with(
                                                "p",
                                                cnn14(stage, torch, cnn14, layout)
                                                        .weights()))),
                bertInference("infer/bert base 4 x 100 tokens", BATCH, TOKENS),
                bertInference("infer/bert base 1 x 20 tokens", 1, 20),
                // PyTorch run op by op packs the weights of products in every call, whatever is said of them.
                bertInference("infer/bert base 1 x 20 tokens, constant weights", 1, 20),
                new Duel(
                        "train/cnn14 base 4 x 5 s, no dropout",
                        1,
                        MODEL,
                        layouts(
                                CHANNELS_FIRST,
                                layout -> (stage, torch) -> cnn14(stage, torch, cnn14, layout)
                                        .step(torch.recorded("cnn14_step").with(logMel(stage, torch, cnn14)), torch))),
                new Duel(
                        "train/bert base 4 x 100 tokens, no dropout",
                        1,
                        MODEL,
                        (stage, torch) -> bert(stage, torch, bert)
                                .step(torch.recorded("bert_step").with(ids(stage, torch, bert)), torch)),
                new Duel(CLAP_STEP, 0, CONTRASTIVE, (stage, torch) -> {
                    var weights = new Clap(stage.backend(), clap, stage.seed()).weights();
                    return clapStep(
                            torch,
                            logMel(stage, torch, cnn14),
                            ids(stage, torch, bert),
                            PeerModel.of(torch, weights, CHANNELS_LAST));
                }));
    }

    private static Duel bertInference(String name, int batch, int tokens) {
        var config = BertConfig.base();
        return new Duel(
                name,
                0,
                SUM,
                (stage, torch) -> torch.plain("bert_infer")
                        .with(torch.tensor(stage.ids(config.vocabulary(), batch, tokens)))
                        .with("p", bert(stage, torch, config).weights()));
    }

    /** A step on inputs that do not matter. */
    static Torch.Call clapStep(Torch torch, PeerModel model) {
        var config = ClapConfig.base();
        var logMel = torch.random(1, BATCH, 1, FRAMES, config.audio().mels());
        return clapStep(torch, logMel, torch.ids(config.text().vocabulary(), BATCH, TOKENS), model);
    }

    private static Torch.Call clapStep(Torch torch, PtNDArray logMel, PtNDArray ids, PeerModel model) {
        return model.step(torch.recorded("clap_step").with(logMel).with(ids), torch);
    }

    private static PeerModel cnn14(Stage stage, Torch torch, Cnn14Config config, String layout) {
        return PeerModel.copy(stage, torch, weights -> new Cnn14(weights, config), layout);
    }

    private static PeerModel bert(Stage stage, Torch torch, BertConfig config) {
        return PeerModel.copy(stage, torch, weights -> new Bert(weights, config), CHANNELS_FIRST);
    }

    private static PtNDArray logMel(Stage stage, Torch torch, Cnn14Config config) {
        return torch.tensor(stage.uniform(BATCH, 1, FRAMES, config.mels()));
    }

    private static PtNDArray ids(Stage stage, Torch torch, BertConfig config) {
        return torch.tensor(stage.ids(config.vocabulary(), BATCH, TOKENS));
    }
}
