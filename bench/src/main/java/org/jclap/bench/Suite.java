package org.jclap.bench;

import java.util.List;
import java.util.stream.Stream;

/** The cases that are measured together. */
enum Suite {
    /** Matrix products, convolutions, and ops that pass over memory. */
    OPS,
    /** The contrastive loss. */
    LOSS,
    /** The models without gradients. */
    INFER,
    /** Whole training steps. */
    TRAIN,
    /** From waves to log-mel spectrograms. */
    AUDIO,
    /** Every algorithm of a convolution, and which one is chosen. */
    RULE,
    /** Every op on small inputs. */
    VOCABULARY,
    /** All but the rule and the vocabulary. */
    ALL;

    List<BenchCase> cases() {
        return switch (this) {
            case OPS ->
                Stream.of(GemmCases.all(), ConvolutionCases.all(), MemoryCases.all())
                        .flatMap(List::stream)
                        .toList();
            case LOSS -> LossCases.all();
            case INFER -> InferenceCases.all();
            case TRAIN -> TrainCases.all();
            case AUDIO -> LogMelCases.all();
            case RULE -> ConvolutionRuleCases.all();
            case VOCABULARY -> VocabularyCases.all();
            case ALL ->
                Stream.of(OPS, LOSS, INFER, TRAIN, AUDIO)
                        .flatMap(suite -> suite.cases().stream())
                        .toList();
        };
    }
}
