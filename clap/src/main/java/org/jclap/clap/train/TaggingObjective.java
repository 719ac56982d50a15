package org.jclap.clap.train;

import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jclap.autograd.Parameter;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.models.cnn14.Augmentation;
import org.jclap.models.cnn14.Cnn14;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.Backend;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jspecify.annotations.Nullable;

/** Supervised pre-training of the audio tower: binary cross-entropy of every class, as in PANNs (arXiv 1912.10211). */
final class TaggingObjective implements Objective {
    private static final String TOWER = "audio_encoder.base.";

    private final ClapCheckpoint checkpoint;
    private final TrainConfig config;

    TaggingObjective(ClapCheckpoint checkpoint, TrainConfig config) {
        this.checkpoint = checkpoint;
        this.config = config;
    }

    /**
     * Starts the bias of the head at the log-odds of each class's frequency. With hundreds of rare classes, a head that
     * starts at one half spends thousands of small steps on saying "no" before it says anything about the sound (the prior
     * of Lin et al., arXiv 1708.02002).
     */
    static void startAtFrequencies(ClapCheckpoint checkpoint, List<Example> examples) {
        Tensor bias =
                Objects.requireNonNull(checkpoint.model().weights().state().get(TOWER + "fc_audioset.bias"));
        double[] counts = new double[bias.size()];
        examples.forEach(example -> example.labels().forEach(label -> counts[label]++));
        float[] logOdds = new float[counts.length];
        for (int i = 0; i < counts.length; i++) {
            // Half a clip more of either kind keeps a class without clips finite.
            logOdds[i] = (float) Math.log((counts[i] + 0.5) / (examples.size() - counts[i] + 0.5));
        }
        HostStorage host = HostStorage.wrap(DType.F32, logOdds, logOdds.length);
        bias.backend().upload(host, 0, bias.storage(), bias.offset(), logOdds.length);
    }

    @Override
    public Tensor loss(Batch batch, Tensor logMel, Pass pass, int epoch, long step) {
        Cnn14 cnn = checkpoint.model().audioBase();
        Backend backend = checkpoint.model().weights().backend();
        Tensor targets = targets(batch, backend);
        Augmentation augmentation = augmentation(logMel.shape(), pass, backend, step);
        Tensor logits = cnn.forward(logMel, pass, augmentation).logits();
        if (augmentation != null && augmentation.lambda() != null) {
            targets = Augmentation.blend(targets, augmentation.lambda());
        }
        return Ops.binaryCrossEntropy(logits, targets);
    }

    private Tensor targets(Batch batch, Backend backend) {
        int classes = checkpoint.model().config().audio().classes();
        float[] targets = new float[batch.size() * classes];
        for (int i = 0; i < batch.size(); i++) {
            for (int label : batch.examples().get(i).labels()) {
                targets[i * classes + label] = 1;
            }
        }
        return Tensor.of(backend, Shape.of(batch.size(), classes), targets);
    }

    private @Nullable Augmentation augmentation(Shape logMel, Pass pass, Backend backend, long step) {
        int batch = logMel.dim(0);
        boolean mixup = config.audio().mixup() && batch % 2 == 0;
        if (!pass.isTraining() || !(mixup || config.audio().specAugment())) {
            return null;
        }
        RandomGenerator random = Crop.random(config.seed(), -1, step);
        Tensor keep = config.audio().specAugment()
                ? Augmentation.stripes(backend, batch, logMel.dim(2), logMel.dim(3), random)
                : null;
        return new Augmentation(keep, mixup ? Augmentation.mixup(backend, batch, random) : null);
    }

    @Override
    public List<Parameter> parameters() {
        return checkpoint.model().weights().parameters().stream()
                .filter(p -> p.name().startsWith(TOWER))
                .toList();
    }

    @Override
    public void beginEpoch(int epoch) {}

    /** The text tower and the projections have learned nothing, and would be a wrong start. */
    @Override
    public boolean exports(String tensor) {
        return tensor.startsWith(TOWER);
    }

    @Override
    public int leastBatch() {
        return 1;
    }

    @Override
    public boolean needsCaptions() {
        return false;
    }

    @Override
    public void close() {}
}
