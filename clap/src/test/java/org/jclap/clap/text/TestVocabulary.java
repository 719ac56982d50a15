package org.jclap.clap.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A made-up vocabulary whose special and common tokens lie at the ids of bert-base-uncased. */
final class TestVocabulary {
    private static final Map<Integer, String> PLACED = Map.ofEntries(
            Map.entry(0, "[PAD]"),
            Map.entry(100, "[UNK]"),
            Map.entry(101, "[CLS]"),
            Map.entry(102, "[SEP]"),
            Map.entry(103, "[MASK]"),
            Map.entry(1997, "of"),
            Map.entry(2003, "is"),
            Map.entry(2023, "this"),
            Map.entry(1037, "a"),
            Map.entry(2614, "sound"),
            Map.entry(3899, "dog"));

    /** Further tokens, from id 3900. */
    private static final List<String> MORE = List.of(
            "##s",
            "bark",
            "##ing",
            "##k",
            "!",
            ",",
            "-",
            "$",
            "^",
            "`",
            "\u3002",
            "cafe",
            "sao",
            "\u4e2d",
            "\u56fd",
            "##\u4e2d",
            "\u03c3",
            "##\u03c3",
            "\ud83d\udc36",
            "##\ud83d\udc36",
            "x",
            "##x",
            "un",
            "##aff",
            "##able",
            "\u1112",
            "##\u1161",
            "##\u11ab",
            "[",
            "]",
            "sep");

    private TestVocabulary() {}

    static List<String> tokens() {
        var tokens = new ArrayList<String>();
        for (var i = 0; i < 3900; i++) {
            tokens.add(PLACED.getOrDefault(i, "[unused" + i + "]"));
        }
        tokens.addAll(MORE);
        return tokens;
    }
}
