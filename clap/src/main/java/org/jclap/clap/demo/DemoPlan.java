package org.jclap.clap.demo;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.synth.CorpusPart;

/**
 * The sizes of a demo.
 *
 * @param quick whether it is the short one
 * @param seed decides everything that is random
 * @param seconds length of every clip
 * @param evaluation sizes of the evaluation sets
 * @param annotated sizes of the captioned and labelled sets; the clean ones are as large as the dirty ones
 * @param pool sizes of the unpaired audio and captions
 * @param batch pairs, or clips, of a training step
 * @param rate the highest learning rate
 * @param studentRate the highest learning rate of what starts from a trained teacher
 * @param taggingEpochs of the audio tower on labels
 * @param teacherEpochs of the teacher on all pairs
 * @param smallTeacherEpochs of the teacher on a tenth of them
 * @param studentEpochs of each student
 * @param frozenEpochs of each condition of the separability study, with both towers frozen
 * @param thawedEpochs of each condition after that
 * @param domainTasks the tasks with a curation of their own
 * @param curationProb the chance that a step of a student takes a curated batch
 * @param beta the weight of the teacher's similarities in a soft student
 * @param pairsPerClip how many pairs a curation keeps for each clip of the pool on average, which decides its threshold
 * @param captionShare the share of the captions that is kept as near to a task's labels, which decides its threshold
 * @param neighbours k of the neighbour graphs between classes
 */
public record DemoPlan(
        boolean quick,
        long seed,
        double seconds,
        Map<CorpusPart, Integer> evaluation,
        Map<CorpusPart, Integer> annotated,
        Map<CorpusPart, Integer> pool,
        int batch,
        double rate,
        double studentRate,
        int taggingEpochs,
        int teacherEpochs,
        int smallTeacherEpochs,
        int studentEpochs,
        int frozenEpochs,
        int thawedEpochs,
        List<Task> domainTasks,
        double curationProb,
        double beta,
        double pairsPerClip,
        double captionShare,
        int neighbours) {

    /** The published mix of curated and annotated batches, and of soft and hard targets (arXiv 2305.01864). */
    private static final double CURATION_PROB = 0.5;

    private static final double BETA = 0.3;

    /** At most five minutes on two cores. */
    public static DemoPlan full(long seed) {
        return new DemoPlan(
                false,
                seed,
                2,
                evaluation(6, 16, 8),
                annotated(120, 700, 500, 100, 500),
                pool(600, 1200),
                32,
                3e-3,
                1e-3,
                6,
                6,
                24,
                3,
                1,
                4,
                List.of(Task.values()),
                CURATION_PROB,
                BETA,
                2,
                0.3,
                3);
    }

    /** At most a minute and a half on two cores. */
    public static DemoPlan quick(long seed) {
        return new DemoPlan(
                true,
                seed,
                2,
                evaluation(4, 10, 5),
                annotated(60, 300, 250, 50, 250),
                pool(200, 400),
                32,
                3e-3,
                1e-3,
                4,
                4,
                12,
                2,
                1,
                2,
                List.of(Task.ESC50),
                CURATION_PROB,
                BETA,
                2,
                0.3,
                3);
    }

    private static Map<CorpusPart, Integer> evaluation(int esc50, int us8k, int tut17) {
        return new EnumMap<>(
                Map.of(CorpusPart.ESC50, esc50, CorpusPart.URBANSOUND8K, us8k, CorpusPart.TUT17_DEVELOPMENT, tut17));
    }

    private static Map<CorpusPart, Integer> annotated(int clotho, int audioCaps, int fsd50k, int macs, int audioSet) {
        return new EnumMap<>(Map.of(
                CorpusPart.CLOTHO, clotho,
                CorpusPart.AUDIOCAPS, audioCaps,
                CorpusPart.FSD50K, fsd50k,
                CorpusPart.MACS, macs,
                CorpusPart.AUDIOSET, audioSet));
    }

    private static Map<CorpusPart, Integer> pool(int audio, int captions) {
        return new EnumMap<>(Map.of(CorpusPart.UNPAIRED_AUDIO, audio, CorpusPart.UNPAIRED_CAPTIONS, captions));
    }
}
