package org.jclap.tests.kit;

import java.util.List;
import java.util.stream.Stream;

/** Every {@link OpCase} of every family. */
public final class OpCases {
    private OpCases() {}

    /** All cases, in the order of the op vocabulary. */
    public static List<OpCase> all() {
        return Stream.of(
                        ElementwiseCases.all(),
                        LayoutCases.all(),
                        ReductionCases.all(),
                        MatrixCases.all(),
                        ImageCases.all(),
                        NormalisationCases.all(),
                        LookupCases.all(),
                        ContrastiveCases.all(),
                        LogMelCases.all(),
                        UpdateCases.all())
                .flatMap(List::stream)
                .toList();
    }
}
