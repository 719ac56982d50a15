package org.jclap.clap.train;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jclap.autograd.Parameter;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.audio.FrontEnd;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.models.cnn14.Augmentation;
import org.jclap.models.nn.Pass;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;

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

    /** Targets {@code (B, classes)}; then, where a step augments, what {@link Augmentation} keeps and blends. */
    @Override
    public List<HostTensor> inputs(Batch batch, boolean training, long step) {
        List<HostTensor> inputs = new ArrayList<>(List.of(targets(batch)));
        RandomGenerator random = Crop.random(config.seed(), -1, step);
        if (masks(training)) {
            FrontEnd geometry = checkpoint.frontEnd();
            int frames = geometry.frames(batch.waves().samples());
            int mels = geometry.mels();
            inputs.add(HostTensor.of(
                    Shape.of(batch.size(), frames, mels), Augmentation.stripes(batch.size(), frames, mels, random)));
        }
        if (blends(batch.size(), training)) {
            inputs.add(HostTensor.of(Shape.of(batch.size() / 2, 1, 1), Augmentation.mixup(batch.size(), random)));
        }
        return inputs;
    }

    private boolean masks(boolean training) {
        return training && config.audio().specAugment();
    }

    private boolean blends(int batch, boolean training) {
        return training && config.audio().mixup() && batch % 2 == 0;
    }

    @Override
    public Tensor loss(List<Tensor> inputs, Tensor logMel, Pass pass, int epoch) {
        Iterator<Tensor> next = inputs.iterator();
        Tensor targets = next.next();
        Tensor keep = masks(pass.isTraining()) ? next.next() : null;
        Tensor lambda = blends(logMel.shape().dim(0), pass.isTraining()) ? next.next() : null;
        Augmentation augmentation = keep == null && lambda == null ? null : new Augmentation(keep, lambda);
        Tensor logits = checkpoint
                .model()
                .audioBase()
                .forward(logMel, pass, augmentation)
                .logits();
        return Ops.binaryCrossEntropy(logits, lambda == null ? targets : Augmentation.blend(targets, lambda));
    }

    private HostTensor targets(Batch batch) {
        int classes = checkpoint.model().config().audio().classes();
        float[] targets = new float[batch.size() * classes];
        for (int i = 0; i < batch.size(); i++) {
            for (int label : batch.examples().get(i).labels()) {
                targets[i * classes + label] = 1;
            }
        }
        return HostTensor.of(Shape.of(batch.size(), classes), targets);
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
