package org.jclap.clap.embed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jclap.tensor.HostStorage;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.NpyWriter;
import org.jclap.tensor.io.Safetensors;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Shape;
import org.jclap.tensor.type.TensorType;

/** A matrix of embeddings that is written row by row and appears under its name with {@link #commit}. */
public sealed interface EmbeddingFile extends AutoCloseable {
    /** Opens a {@code .npy}, or a {@code .safetensors} with one tensor {@code embeddings}, of F32 or F16 rows. */
    static EmbeddingFile create(Path file, DType dtype, int dim) {
        var name = file.toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".npy")) {
            return new Npy(new NpyWriter(file, dtype, dim));
        }
        if (name.endsWith(".safetensors")) {
            return new Tensors(file, dtype, dim, new ArrayList<>());
        }
        throw new UserException(file + ": embeddings are written as .npy or .safetensors");
    }

    /** Adds whole rows. */
    void append(float[] rows);

    /** Completes the file and gives it its name. */
    void commit();

    @Override
    void close();

    /** Streams to the disk. */
    record Npy(NpyWriter writer) implements EmbeddingFile {
        @Override
        public void append(float[] rows) {
            writer.append(rows);
        }

        @Override
        public void commit() {
            writer.commit();
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    /** Collects everything, because the header of the format needs the number of rows. */
    record Tensors(Path file, DType dtype, int dim, List<float[]> batches) implements EmbeddingFile {
        @Override
        public void append(float[] rows) {
            batches.add(rows);
        }

        @Override
        public void commit() {
            var total = batches.stream().mapToLong(rows -> rows.length).sum();
            if (total > Integer.MAX_VALUE) {
                throw new UserException(file + ": too many embeddings for one tensor; write .npy");
            }
            var type = new TensorType(Shape.of((int) (total / dim), dim), dtype);
            var item = new Safetensors.Item("embeddings", type, () -> elements((int) total));
            Safetensors.write(file, Map.of(), List.of(item));
        }

        private HostStorage elements(int total) {
            var elements = HostStorage.create(dtype, total);
            var at = 0;
            for (var rows : batches) {
                for (var value : rows) {
                    elements.set(at++, value);
                }
            }
            return elements;
        }

        @Override
        public void close() {}
    }
}
