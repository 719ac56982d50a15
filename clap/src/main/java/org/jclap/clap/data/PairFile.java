package org.jclap.clap.data;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jclap.tensor.io.AtomicFile;

/** Writes pairs as they are found: a join may find more than fit into memory. */
public final class PairFile {
    private PairFile() {}

    /** Takes the pairs, one call each. */
    @FunctionalInterface
    public interface Sink {
        /** Adds {@code caption} as one of this clip. */
        void add(AudioItem clip, String caption);
    }

    /**
     * Writes {@code ID,wav_path,caption} atomically, in the order in which {@code pairs} hands them to the sink; the file
     * appears when {@code pairs} has returned. Paths are written as by {@link Manifest#write}.
     */
    public static void write(Path file, Consumer<Sink> pairs) {
        var base = AudioFolder.folderOf(file.toAbsolutePath().normalize());
        AtomicFile.write(file, out -> {
            var printer = Table.COMMAS.print(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            printer.printRecord(List.of("ID", "wav_path", "caption"));
            try {
                pairs.accept((clip, caption) -> {
                    try {
                        printer.printRecord(clip.id(), Manifest.written(base, clip.wavPath()), caption);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            printer.flush();
        });
    }
}
