package org.jclap.clap.audio;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jclap.tensor.UserException;

/** Opens a sound by its content, whatever its name: mono, at the rate that the model wants. */
public final class AudioFile {
    private static final int MAGIC_BYTES = 12;

    private AudioFile() {}

    /**
     * The sound in mono at {@code targetRate} Hz, resampled when the file has another rate.
     *
     * @throws UserException when the file cannot be read, or is no WAVE file; then the message has the remedy
     */
    public static Waveform load(Path path, int targetRate) {
        requireWav(path);
        return WavFile.read(path).resampled(targetRate);
    }

    /** What the header says: rate, channels, coding and length, without reading the samples. */
    public static WavHeader header(Path path) {
        requireWav(path);
        return WavFile.header(path);
    }

    private static void requireWav(Path path) {
        String magic = WavFile.withFile(path, file -> {
            int count = (int) Math.min(MAGIC_BYTES, file.size());
            ByteBuffer head = WavFile.fill(path, file, 0, ByteBuffer.allocate(count));
            return new String(head.array(), StandardCharsets.ISO_8859_1);
        });
        boolean riff = magic.startsWith("RIFF") || magic.startsWith("RF64");
        if (!riff || !magic.startsWith("WAVE", 8)) {
            throw new UserException("cannot read %s: it is %s; only WAV is read; convert it with: ffmpeg -i %s out.wav"
                    .formatted(path, describe(magic), path));
        }
    }

    private static String describe(String magic) {
        if (magic.isEmpty()) {
            return "an empty file";
        }
        if (magic.startsWith("fLaC")) {
            return "a FLAC file";
        }
        if (magic.startsWith("OggS")) {
            return "an Ogg file (Vorbis or Opus)";
        }
        if (magic.startsWith("FORM")) {
            return "an AIFF file";
        }
        if (magic.startsWith("ftyp", 4)) {
            return "an MP4 file (AAC or ALAC)";
        }
        // An MPEG frame starts with eleven bits set; a tag may come first.
        boolean frame = magic.length() > 1 && magic.charAt(0) == 0xff && (magic.charAt(1) & 0xe0) == 0xe0;
        return magic.startsWith("ID3") || frame ? "an MP3 or AAC file" : "of an unknown kind";
    }
}
