package org.jclap.clap.synth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.OutputStreamWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jclap.clap.audio.SampleFormat;
import org.jclap.clap.audio.WavFile;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/** Renders clips in parallel and writes audio and tables below the folder of a corpus. */
final class Workshop implements AutoCloseable {
    static final CSVFormat COMMAS =
            CSVFormat.DEFAULT.builder().setRecordSeparator("\n").get();
    static final CSVFormat TABS =
            CSVFormat.TDF.builder().setRecordSeparator("\n").get();

    private final CorpusPlan plan;
    private final Path folder;
    private final long seed;
    private final Corpus.Progress progress;
    private final ExecutorService pool;
    private final Map<String, Scenario> written = new ConcurrentSkipListMap<>();
    private long done;

    Workshop(CorpusPlan plan, Path folder, long seed, Corpus.Progress progress) {
        this.plan = plan;
        this.folder = folder;
        this.seed = seed;
        this.progress = progress;
        this.pool = Executors.newFixedThreadPool(plan.threads());
    }

    CorpusPlan plan() {
        return plan;
    }

    /** What is to be heard in each file written so far, by path below the folder of the corpus. */
    Map<String, Scenario> written() {
        return Collections.unmodifiableMap(written);
    }

    /** The randomness of one item. */
    Draw draw(CorpusPart part, int index) {
        return Draw.of(seed, part.name(), index);
    }

    /** The classes in an order that is drawn for the part, so that the first items are as mixed as all. */
    List<SoundClass> shuffled(CorpusPart part, List<SoundClass> classes) {
        if (classes.isEmpty()) {
            throw new UserException("no class is left for " + part + ": exclude fewer concepts");
        }
        var draw = draw(part, -1);
        var order = new ArrayList<>(classes);
        for (int i = order.size() - 1; i > 0; i--) {
            Collections.swap(order, i, draw.count(0, i));
        }
        return order;
    }

    /** Runs {@code job} for the items 0 to {@code count - 1} on all threads; results in the order of the items. */
    <R> List<R> each(int count, IntFunction<R> job) {
        var jobs = new ArrayList<Callable<R>>(count);
        for (int i = 0; i < count; i++) {
            int index = i;
            jobs.add(() -> {
                R result = job.apply(index);
                advance();
                return result;
            });
        }
        try {
            var results = new ArrayList<R>(count);
            for (var future : pool.invokeAll(jobs)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("interrupted while writing " + folder, e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private synchronized void advance() {
        done++;
        progress.update(done, plan.items());
    }

    /** Writes a mono clip with 16 bits. */
    void save(String path, Clip clip) {
        WavFile.write(folder.resolve(path), clip.sampleRate(), SampleFormat.PCM_16, clip.samples());
        written.put(path, clip.scenario());
    }

    /** Writes a clip as two ears hear it: with a drawn difference of time (up to 0.6 ms) and of level. */
    void saveBinaural(String path, Clip clip, SampleFormat format, Draw draw) {
        var near = clip.samples();
        var far = new Sound(near.clone(), clip.sampleRate())
                .delayed(draw.between(0, 6e-4))
                .gain(draw.between(0.6, 1))
                .samples();
        boolean left = draw.chance(0.5);
        WavFile.write(folder.resolve(path), clip.sampleRate(), format, left ? near : far, left ? far : near);
        written.put(path, clip.scenario());
    }

    /** Writes rows under a header, both lists of cells. */
    void table(String path, CSVFormat format, Charset charset, List<? extends List<?>> rows) {
        AtomicFile.write(folder.resolve(path), out -> {
            var printer = new CSVPrinter(new OutputStreamWriter(out, charset), format);
            for (List<?> row : rows) {
                printer.printRecord(row);
            }
            printer.flush();
        });
    }

    void csv(String path, List<String> header, List<? extends List<?>> rows) {
        var all = new ArrayList<List<?>>(rows.size() + 1);
        all.add(header);
        all.addAll(rows);
        table(path, COMMAS, StandardCharsets.UTF_8, all);
    }

    void lines(String path, List<String> lines) {
        bytes(path, lines.isEmpty() ? "" : String.join("\n", lines) + "\n");
    }

    void bytes(String path, String text) {
        AtomicFile.write(folder.resolve(path), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Serialises a tree of maps and lists with a Jackson mapper. */
    void tree(String path, ObjectMapper mapper, Object tree) {
        try {
            bytes(path, mapper.writerWithDefaultPrettyPrinter().writeValueAsString(tree) + "\n");
        } catch (JsonProcessingException e) {
            throw new UserException("cannot write " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
