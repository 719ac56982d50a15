package org.jclap.clap.train;

import org.jclap.clap.audio.Crop;
import org.jclap.clap.train.TrainConfig.Criterion;
import org.jclap.clap.train.TrainConfig.Objective;
import org.jclap.models.clap.ClapConfig;
import org.jclap.tensor.UserException;

/** The rules between the values of a configuration; each error names the key and the remedy. */
final class ConfigCheck {
    private ConfigCheck() {}

    static void check(TrainConfig config) {
        ClapConfig.preset(config.model().preset());
        config.audio().frontEnd();
        Crop.parse(config.audio().crop());
        positive("audio.seconds", config.audio().seconds());
        positive("optimizer.lr", config.optimizer().lr());
        optimizer(config.optimizer());
        schedule(config.schedule());
        positive("loss.temperature", config.loss().temperature());
        positive("loop.epochs", config.loop().epochs());
        positive("loop.batch", config.loop().batch());
        positive("loop.accumulate", config.loop().accumulate());
        positive("loop.log_every", config.loop().logEvery());
        positive("checkpoint.keep", config.checkpoint().keep());
        share("data.validation_share", config.data().validationShare());
        share("data.subset", config.data().subset());
        share("data.curation_prob", config.data().curationProb());
        share("data.max_bad_share", config.data().maxBadShare());
        share("loss.beta", config.loss().beta());
        require(!config.data().pairs().isEmpty(), "data.pairs is empty: name at least one manifest");
        require(
                config.loss().beta() == 0 || config.loss().teacher() != null,
                "loss.beta is positive, so loss.teacher must name a checkpoint");
        require(
                config.checkpoint().by() != Criterion.ZEROSHOT
                        || config.checkpoint().zeroshotData() != null,
                "checkpoint.by is zeroshot, so checkpoint.zeroshot_layout and zeroshot_data must name a labelled set");
        require(
                (config.checkpoint().zeroshotLayout() == null)
                        == (config.checkpoint().zeroshotData() == null),
                "checkpoint.zeroshot_layout and checkpoint.zeroshot_data go together");
        require(
                config.objective() == Objective.TAGGING
                        || (!config.audio().specAugment() && !config.audio().mixup()),
                "audio.spec_augment and audio.mixup are for objective: tagging");
        parts(config);
        require(config.text().maxLength() >= 3, "text.max_length must leave room for [CLS], a token and [SEP]");
    }

    private static void parts(TrainConfig config) {
        TrainConfig.LoopSection loop = config.loop();
        boolean contrastive = config.objective() == Objective.CONTRASTIVE;
        require(
                !contrastive || loop.batch() > 1,
                "loop.batch must be at least 2: a contrastive loss needs something to contrast with");
        require(
                loop.batch() % loop.accumulate() == 0,
                "loop.accumulate must divide loop.batch, %d does not divide %d"
                        .formatted(loop.accumulate(), loop.batch()));
        require(
                !loop.embeddingCache() || contrastive,
                "loop.embedding_cache is for objective: contrastive; for tagging loop.accumulate alone gives the same gradient");
        require(
                !loop.embeddingCache() || loop.accumulate() > 1,
                "loop.embedding_cache needs parts: set loop.accumulate to 2 or more");
        int part = loop.batch() / loop.losses();
        require(
                !contrastive || part > 1,
                "loop.accumulate leaves parts of one pair, which has nothing to contrast with: lower it, or set"
                        + " loop.embedding_cache");
        require(
                !config.audio().mixup() || part % 2 == 0,
                "audio.mixup blends pairs of clips: loop.batch / loop.accumulate must be even");
    }

    private static void optimizer(TrainConfig.OptimizerSection section) {
        decay("optimizer.beta1", section.beta1());
        decay("optimizer.beta2", section.beta2());
        decay("optimizer.momentum", section.momentum());
        positive("optimizer.eps", section.eps());
        notNegative("optimizer.weight_decay", section.weightDecay());
        notNegative("optimizer.clip_norm", section.clipNorm());
    }

    private static void schedule(TrainConfig.ScheduleSection section) {
        notNegative("schedule.warmup_steps", section.warmupSteps());
        notNegative("schedule.floor", section.floor());
        share("schedule.factor", section.factor());
        notNegative("schedule.patience", section.patience());
        notNegative("schedule.hold_epochs", section.holdEpochs());
    }

    private static void decay(String key, double value) {
        require(value >= 0 && value < 1, key + " must be from 0 to below 1, is " + value);
    }

    private static void notNegative(String key, double value) {
        require(value >= 0 && Double.isFinite(value), key + " must not be negative, is " + value);
    }

    private static void positive(String key, double value) {
        require(value > 0 && Double.isFinite(value), key + " must be positive, is " + value);
    }

    private static void share(String key, double value) {
        require(value >= 0 && value <= 1, key + " must be from 0 to 1, is " + value);
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new UserException(otherwise);
        }
    }
}
