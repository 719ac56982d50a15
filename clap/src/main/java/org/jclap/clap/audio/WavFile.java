package org.jclap.clap.audio;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jclap.tensor.UserException;
import org.jclap.tensor.io.AtomicFile;

/**
 * RIFF/WAVE and RF64 files: linear integers of 8 to 32 bits and IEEE floats of 32 or 64, any number of channels.
 *
 * <p>Channels are mixed to mono by their mean. Laying one channel behind the other instead, as some loaders do, doubles
 * the clip and lets a crop pick a channel by chance.
 */
public final class WavFile {
    /** Samples are decoded in pieces of about this size, so that memory follows the result, not the file. */
    private static final int CHUNK_BYTES = 1 << 16;

    private static final int PLAIN_FORMAT_BYTES = 16;
    private static final int FLOAT_FORMAT_BYTES = 18;

    private WavFile() {}

    /** What the file declares, with lengths checked against its size; no sample is read. */
    public static WavHeader header(Path path) {
        return withFile(path, file -> WavHeader.read(path, file));
    }

    /**
     * The whole file in mono.
     *
     * @throws UserException when the file is missing, damaged, cut short, empty, not a WAVE file that is read, or
     *     holds NaN or infinite samples
     */
    public static Waveform read(Path path) {
        return withFile(path, file -> {
            WavHeader header = WavHeader.read(path, file);
            if (header.frames() == 0) {
                throw new UserException("cannot use %s: it holds no samples".formatted(path));
            }
            if (header.frames() > Integer.MAX_VALUE - 8) {
                throw new UserException("cannot read %s at once: it has %d frames; cut it into shorter files"
                        .formatted(path, header.frames()));
            }
            return new Waveform(decode(path, file, header, 0, (int) header.frames()), header.sampleRate());
        });
    }

    /**
     * {@code count} frames from frame {@code start} on, in mono; nothing else is read.
     *
     * @throws UserException as {@link #read(Path)}, and when the file is shorter than the section's end
     */
    public static Waveform read(Path path, long start, int count) {
        if (start < 0 || count < 1) {
            throw new IllegalArgumentException("section of %d frames at %d".formatted(count, start));
        }
        return withFile(path, file -> {
            WavHeader header = WavHeader.read(path, file);
            if (start > header.frames() - count) {
                throw new UserException("cannot read frames %d to %d of %s: it has %d"
                        .formatted(start, start + count, path, header.frames()));
            }
            return new Waveform(decode(path, file, header, start, count), header.sampleRate());
        });
    }

    /**
     * Writes channels of equal length; the file appears whole or not at all.
     *
     * @param channels one array for mono, left and right for stereo; integers saturate outside of [-1, 1)
     * @throws UserException when the file cannot be written or would pass WAVE's limit of 4 GiB
     */
    public static void write(Path path, int sampleRate, SampleFormat format, float[]... channels) {
        int frames = channels[0].length;
        for (float[] channel : channels) {
            if (channel.length != frames) {
                throw new IllegalArgumentException("channels of %d and %d samples".formatted(frames, channel.length));
            }
        }
        long dataBytes = (long) frames * channels.length * format.bytes();
        if (dataBytes > 0xFFFF_FFFFL - 64) {
            throw new UserException(
                    "cannot write %s: %d bytes of samples do not fit into a WAV file".formatted(path, dataBytes));
        }
        AtomicFile.write(path, out -> {
            out.write(encodeHeader(sampleRate, format, channels.length, frames));
            encodeSamples(out, format, channels);
            if ((dataBytes & 1) == 1) {
                out.write(0);
            }
        });
    }

    private static float[] decode(Path path, FileChannel file, WavHeader header, long start, int count)
            throws IOException {
        int frameBytes = header.frameBytes();
        int chunkFrames = Math.clamp(CHUNK_BYTES / frameBytes, 1, count);
        ByteBuffer chunk = ByteBuffer.allocate(chunkFrames * frameBytes).order(ByteOrder.LITTLE_ENDIAN);
        float[] interleaved = new float[chunkFrames * header.channels()];
        float[] mono = new float[count];
        for (int done = 0; done < count; ) {
            int frames = Math.min(chunkFrames, count - done);
            long offset = header.dataOffset() + (start + done) * frameBytes;
            fill(path, file, offset, chunk.clear().limit(frames * frameBytes));
            header.format().decode(chunk, interleaved, frames * header.channels());
            mix(interleaved, header.channels(), mono, done, frames);
            done += frames;
        }
        requireFinite(path, mono, start);
        return mono;
    }

    private static void mix(float[] interleaved, int channels, float[] mono, int offset, int frames) {
        if (channels == 1) {
            System.arraycopy(interleaved, 0, mono, offset, frames);
            return;
        }
        for (int f = 0; f < frames; f++) {
            // In double, so that neither the count of channels nor float64 sources near the limit lose anything.
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                sum += interleaved[f * channels + c];
            }
            mono[offset + f] = (float) (sum / channels);
        }
    }

    private static void requireFinite(Path path, float[] mono, long start) {
        for (int i = 0; i < mono.length; i++) {
            if (!Float.isFinite(mono[i])) {
                throw new UserException("cannot use %s: frame %d is %s".formatted(path, start + i, mono[i]));
            }
        }
    }

    private static byte[] encodeHeader(int sampleRate, SampleFormat format, int channels, int frames) {
        int frameBytes = channels * format.bytes();
        int dataBytes = frames * frameBytes;
        boolean integers = format.tag() == SampleFormat.PCM;
        int formatBytes = integers ? PLAIN_FORMAT_BYTES : FLOAT_FORMAT_BYTES;
        // Everything but plain integers needs the extension size and a fact chunk with the number of frames.
        int headerBytes = 12 + 8 + formatBytes + (integers ? 0 : 12) + 8;
        ByteBuffer header = ByteBuffer.allocate(headerBytes).order(ByteOrder.LITTLE_ENDIAN);
        header.put(ascii("RIFF"))
                .putInt(headerBytes - 8 + dataBytes + (dataBytes & 1))
                .put(ascii("WAVE"));
        header.put(ascii("fmt ")).putInt(formatBytes);
        header.putShort((short) format.tag()).putShort((short) channels).putInt(sampleRate);
        header.putInt(sampleRate * frameBytes).putShort((short) frameBytes).putShort((short) (8 * format.bytes()));
        if (!integers) {
            header.putShort((short) 0).put(ascii("fact")).putInt(4).putInt(frames);
        }
        return header.put(ascii("data")).putInt(dataBytes).array();
    }

    private static void encodeSamples(OutputStream out, SampleFormat format, float[][] channels) throws IOException {
        int frameBytes = channels.length * format.bytes();
        ByteBuffer chunk = ByteBuffer.allocate(Math.max(1, CHUNK_BYTES / frameBytes) * frameBytes)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (int f = 0; f < channels[0].length; f++) {
            if (!chunk.hasRemaining()) {
                out.write(chunk.array());
                chunk.clear();
            }
            for (float[] channel : channels) {
                format.encode(channel[f], chunk);
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Fills {@code buffer} from the file and rewinds it. */
    static ByteBuffer fill(Path path, FileChannel file, long offset, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (file.read(buffer, offset + buffer.position()) < 0) {
                throw new UserException("cannot read %s: %d bytes were expected at byte %d, but only %d are there"
                        .formatted(path, buffer.limit(), offset, buffer.position()));
            }
        }
        return buffer.flip();
    }

    /** Work on an open file. */
    @FunctionalInterface
    interface FileTask<T> {
        T run(FileChannel file) throws IOException;
    }

    /** Opens {@code path}, runs {@code task} and turns input errors into messages that name the file. */
    static <T> T withFile(Path path, FileTask<T> task) {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return task.run(file);
        } catch (NoSuchFileException e) {
            throw new UserException("cannot read %s: there is no such file".formatted(path), e);
        } catch (IOException e) {
            throw new UserException("cannot read %s: %s".formatted(path, e.getMessage()), e);
        }
    }
}
