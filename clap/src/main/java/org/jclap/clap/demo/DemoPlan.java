package org.jclap.clap.demo;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jclap.clap.synth.CorpusPart;
import org.jclap.clap.text.ClassPrompt;

/**
 * The sizes of a demo.
 *
 * @param quick whether it is the short one
 * @param seed decides everything that is random
 * @param seconds length of every clip
 * @param evaluation sizes of the evaluation sets
 * @param annotated sizes of the captioned and labelled sets; the clean ones are as large as the dirty ones
 * @param pool sizes of the unpaired audio and captions
 * @param prompt the words before each label
 * @param tagging of the audio tower on labels
 * @param teacher on all pairs
 * @param smallTeacher the teacher on a tenth of them
 * @param student each student, which starts from a trained teacher
 * @param condition each condition of the separability study
 * @param frozenEpochs the first epochs of a condition, in which only the projections learn
 * @param domainTasks the tasks with a curation of their own
 * @param curationProb the chance that a step of a student takes a curated batch
 * @param beta the weight of the teacher's similarities in a soft student
 * @param captionsPerClip how many captions DU and ADS give to each clip of the pool
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
        String prompt,
        Learning tagging,
        Learning teacher,
        Learning smallTeacher,
        Learning student,
        Learning condition,
        int frozenEpochs,
        List<Task> domainTasks,
        double curationProb,
        double beta,
        int captionsPerClip,
        double captionShare,
        int neighbours) {

    /** How long and how fast a model learns: epochs, pairs or clips of a step, and the highest learning rate. */
    public record Learning(int epochs, int batch, double rate) {}

    /** The published prompt; some captions of the corpus are phrased like it. */
    private static final String PROMPT = ClassPrompt.DEFAULT.prefix();

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
                annotated(60, 1300, 1200, 80),
                pool(500, 1000),
                PROMPT,
                new Learning(8, 16, 1e-3),
                new Learning(9, 32, 2e-3),
                new Learning(16, 32, 1e-3),
                new Learning(1, 32, 3e-4),
                new Learning(4, 32, 2e-3),
                1,
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
                annotated(20, 600, 520, 20),
                pool(200, 400),
                PROMPT,
                new Learning(5, 16, 1e-3),
                new Learning(6, 32, 2e-3),
                new Learning(10, 32, 1e-3),
                new Learning(1, 32, 3e-4),
                new Learning(3, 32, 2e-3),
                1,
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

    private static Map<CorpusPart, Integer> annotated(int clotho, int audioCaps, int fsd50k, int macs) {
        return new EnumMap<>(Map.of(
                CorpusPart.CLOTHO, clotho,
                CorpusPart.AUDIOCAPS, audioCaps,
                CorpusPart.FSD50K, fsd50k,
                CorpusPart.MACS, macs));
    }

    private static Map<CorpusPart, Integer> pool(int audio, int captions) {
        return new EnumMap<>(Map.of(CorpusPart.UNPAIRED_AUDIO, audio, CorpusPart.UNPAIRED_CAPTIONS, captions));
    }
}
