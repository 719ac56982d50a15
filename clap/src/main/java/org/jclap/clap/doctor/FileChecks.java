package org.jclap.clap.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jclap.clap.audio.AudioFile;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.NpyFile;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** Writes a file of each format into a temporary folder and reads it back. */
final class FileChecks {
    private static final String SUBJECT = "files";

    /** Exact in half precision and in 16-bit samples. */
    private static final float[] VALUES = {0, 0.5f, -0.25f, -1, 0.125f, 0.75f};

    private static final int RATE = 16_000;

    private FileChecks() {}

    static List<CheckResult> run() {
        Path folder;
        try {
            folder = Files.createTempDirectory("jclap");
        } catch (IOException e) {
            return List.of(new CheckResult(SUBJECT, "temporary folder", 0, "cannot be made: " + e.getMessage()));
        }
        try {
            return List.of(
                    CheckResult.run(SUBJECT, "WAV, 16 bits", () -> wav(folder.resolve("a.wav"), SampleFormat.PCM_16)),
                    CheckResult.run(SUBJECT, "WAV, floats", () -> wav(folder.resolve("b.wav"), SampleFormat.FLOAT_32)),
                    CheckResult.run(SUBJECT, "npy, single precision", () -> npy(folder.resolve("a.npy"), DType.F32)),
                    CheckResult.run(SUBJECT, "npy, half precision", () -> npy(folder.resolve("b.npy"), DType.F16)),
                    CheckResult.run(SUBJECT, "safetensors", () -> safetensors(folder.resolve("a.safetensors"))));
        } finally {
            delete(folder);
        }
    }

    private static void wav(Path file, SampleFormat format) {
        WavFile.write(file, RATE, format, VALUES);
        require(file, AudioFile.load(file, RATE).samples());
    }

    private static void npy(Path file, DType dtype) {
        try (var writer = new NpyWriter(file, dtype, 3)) {
            writer.append(VALUES);
            writer.commit();
        }
        require(file, NpyFile.read(file).floats());
    }

    private static void safetensors(Path file) {
        var type = new TensorType(Shape.of(2, 3), DType.F32);
        var item = new Safetensors.Item("x", type, () -> HostStorage.wrap(DType.F32, VALUES, VALUES.length));
        Safetensors.write(file, Map.of(), List.of(item));
        var elements = Safetensors.read(file).elements("x");
        require(file, Arrays.copyOf(elements.floats(), VALUES.length));
    }

    private static void require(Path file, float[] values) {
        if (!Arrays.equals(values, VALUES)) {
            throw new UserException("%s holds %s instead of %s"
                    .formatted(file.getFileName(), Arrays.toString(values), Arrays.toString(VALUES)));
        }
    }

    /** What cannot be deleted in the temporary folder does no harm. */
    private static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            System.getLogger(FileChecks.class.getName())
                    .log(System.Logger.Level.DEBUG, "left behind {0}: {1}", folder, e.getMessage());
        }
    }
}
