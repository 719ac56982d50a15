package org.jclap.clap.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jclap.tensor.UserException;
import org.jspecify.annotations.Nullable;

/**
 * What a WAVE file says about its samples, found without reading them.
 *
 * <p>Every length has been checked against the size of the file, so {@code frames} of them are really there.
 *
 * @param dataOffset the position of the first frame in the file, in bytes
 * @param frames samples per channel
 */
public record WavHeader(SampleFormat format, int channels, int sampleRate, long dataOffset, long frames) {
    /** What lies outside is a damaged header; believed, it would blow a short file up when it is resampled. */
    private static final int MIN_SAMPLE_RATE = 1_000;

    private static final int MAX_SAMPLE_RATE = 1_536_000;

    /** The duration in seconds. */
    public double seconds() {
        return (double) frames / sampleRate;
    }

    /** Bytes of one frame, that is of one sample of every channel. */
    int frameBytes() {
        return channels * format.bytes();
    }

    /**
     * Walks the chunks of an open file up to the samples.
     *
     * @param path the name for messages
     * @throws UserException when the file is no WAVE file, is damaged or cut short, or its coding is not read
     */
    static WavHeader read(Path path, FileChannel file) throws IOException {
        return new Parser(path, file, file.size()).parse();
    }

    /** The chunk walk, as specified by Microsoft's and IBM's multimedia data standard and EBU Tech 3306 (RF64). */
    private static final class Parser {
        private static final int RIFF = id("RIFF");
        private static final int RF64 = id("RF64");
        private static final int WAVE = id("WAVE");
        private static final int FMT = id("fmt ");
        private static final int DS64 = id("ds64");
        private static final int DATA = id("data");

        private static final long UNKNOWN_SIZE = 0xFFFF_FFFFL;
        private static final int EXTENSIBLE = 0xFFFE;
        private static final int BASIC_FORMAT_BYTES = 16;
        private static final int EXTENSIBLE_FORMAT_BYTES = 40;

        /** The end of every sub-format identifier that wraps a plain format tag, as two little-endian numbers. */
        private static final int SUBFORMAT_MIDDLE = 0x0010_0000;

        private static final long SUBFORMAT_LAST = 0x719B_3800_AA00_0080L;

        private final Path path;
        private final FileChannel file;
        private final long size;

        /** Frame counts are filled in when the data chunk is met. */
        private @Nullable WavHeader format;

        private long longDataSize = UNKNOWN_SIZE;

        Parser(Path path, FileChannel file, long size) {
            this.path = path;
            this.file = file;
            this.size = size;
        }

        WavHeader parse() throws IOException {
            if (size < 12) {
                throw damaged("it has %d bytes, fewer than a WAVE header".formatted(size));
            }
            ByteBuffer riff = bytes(0, 12);
            int container = bigEndianInt(riff, 0);
            if ((container != RIFF && container != RF64) || bigEndianInt(riff, 8) != WAVE) {
                throw damaged("it does not start with RIFF....WAVE");
            }
            long offset = 12;
            while (offset + 8 <= size) {
                ByteBuffer chunk = bytes(offset, 8);
                int id = bigEndianInt(chunk, 0);
                long length = Integer.toUnsignedLong(chunk.getInt(4));
                long body = offset + 8;
                if (id == DATA) {
                    return withData(body, length);
                }
                requireChunk(id, offset, length);
                if (id == FMT) {
                    format = parseFormat(body, length);
                } else if (id == DS64 && length >= 16) {
                    longDataSize = bytes(body, 16).getLong(8);
                }
                offset = body + length + (length & 1);
            }
            throw damaged("it has no data chunk");
        }

        private void requireChunk(int id, long offset, long length) {
            String name = name(id);
            // Without this test a file of zeros would be walked in steps of eight bytes.
            if (!name.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw damaged("there is no chunk name at byte %d".formatted(offset));
            }
            long left = size - offset - 8;
            if (length > left) {
                throw damaged("its '%s' chunk at byte %d declares %d bytes, but only %d are left"
                        .formatted(name, offset, length, left));
            }
        }

        private WavHeader withData(long body, long declared) {
            if (format == null) {
                throw damaged("its data chunk comes before any 'fmt ' chunk");
            }
            long left = size - body;
            long length = declared == UNKNOWN_SIZE ? longDataSize : declared;
            // A program that wrote to a pipe could not go back to fill in the size: the samples reach to the end.
            boolean streamed = length == 0 || length == UNKNOWN_SIZE;
            if (!streamed && Long.compareUnsigned(length, left) > 0) {
                throw damaged("it is cut short: the data chunk declares %s bytes, but only %d follow"
                        .formatted(Long.toUnsignedString(length), left));
            }
            long frames = (streamed ? left : length) / format.frameBytes();
            return new WavHeader(format.format, format.channels, format.sampleRate, body, frames);
        }

        private WavHeader parseFormat(long body, long length) throws IOException {
            if (length < BASIC_FORMAT_BYTES) {
                throw damaged("its 'fmt ' chunk has %d bytes, fewer than 16".formatted(length));
            }
            ByteBuffer fields = bytes(body, (int) Math.min(length, EXTENSIBLE_FORMAT_BYTES));
            int channels = fields.getChar(2);
            int rate = fields.getInt(4);
            int frameBytes = fields.getChar(12);
            int bits = fields.getChar(14);
            if (channels == 0 || frameBytes == 0 || frameBytes % channels != 0) {
                throw damaged(
                        "its 'fmt ' chunk declares %d channels in frames of %d bytes".formatted(channels, frameBytes));
            }
            if (rate < MIN_SAMPLE_RATE || rate > MAX_SAMPLE_RATE) {
                throw damaged("its 'fmt ' chunk declares %s Hz; a sample rate is from %d to %d Hz"
                        .formatted(Integer.toUnsignedString(rate), MIN_SAMPLE_RATE, MAX_SAMPLE_RATE));
            }
            int tag = formatTag(fields);
            int bytes = frameBytes / channels;
            // Fewer significant bits than the container holds are stored in its upper part: same value, same scale.
            if (bits <= 8 * (bytes - 1) || bits > 8 * bytes) {
                throw damaged("its 'fmt ' chunk declares %d bits in samples of %d bytes".formatted(bits, bytes));
            }
            SampleFormat sample = SampleFormat.of(tag, bytes)
                    .orElseThrow(() -> new UserException(("cannot read %s: its coding (WAVE format 0x%04x, %d bits) is"
                                    + " not read; convert it with: ffmpeg -i %s -c:a pcm_s16le out.wav")
                            .formatted(path, tag, bits, path)));
            return new WavHeader(sample, channels, rate, 0, 0);
        }

        /** The plain tag, or the one inside an extensible format's sub-format; foreign sub-formats keep 0xFFFE. */
        private static int formatTag(ByteBuffer fields) {
            int tag = fields.getChar(0);
            boolean wrapped = tag == EXTENSIBLE
                    && fields.limit() == EXTENSIBLE_FORMAT_BYTES
                    && fields.getInt(28) == SUBFORMAT_MIDDLE
                    && fields.getLong(32) == SUBFORMAT_LAST;
            return wrapped ? fields.getInt(24) : tag;
        }

        private ByteBuffer bytes(long offset, int count) throws IOException {
            return WavFile.fill(path, file, offset, ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN));
        }

        private UserException damaged(String reason) {
            return new UserException("cannot read %s as WAV: %s".formatted(path, reason));
        }

        private static int bigEndianInt(ByteBuffer littleEndian, int index) {
            return Integer.reverseBytes(littleEndian.getInt(index));
        }

        private static int id(String name) {
            return ByteBuffer.wrap(name.getBytes(StandardCharsets.US_ASCII)).getInt();
        }

        private static String name(int id) {
            return new String(ByteBuffer.allocate(4).putInt(id).array(), StandardCharsets.ISO_8859_1);
        }
    }
}
