package org.jclap.clap.embed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jclap.clap.audio.Crop;
import org.jclap.clap.checkpoint.ClapCheckpoint;
import org.jclap.tensor.UserException;

/**
 * Where an embedding or a score comes from; two results are comparable when these agree.
 *
 * @param checkpoint the file of the model
 * @param checkpointFingerprint 16 hexadecimal digits of the SHA-256 of its content
 * @param preprocessing geometry of the spectrogram, length of a clip, policy for clips of other lengths
 * @param maxTokens the most tokens of a caption
 */
public record Provenance(String checkpoint, String checkpointFingerprint, String preprocessing, int maxTokens) {
    private static final int HEX_DIGITS = 16;
    private static final int BUFFER_BYTES = 1 << 20;

    /** Of results that were computed with this model, read from {@code file}. */
    public static Provenance of(Path file, ClapCheckpoint checkpoint, Crop crop) {
        return new Provenance(
                file.toString(), fingerprint(file), preprocessing(checkpoint, crop), checkpoint.maxLength());
    }

    /** A stable text of everything that happens to audio before the model. */
    public static String preprocessing(ClapCheckpoint checkpoint, Crop crop) {
        return "%s, %s s, crop %s".formatted(checkpoint.frontEnd().fingerprint(), checkpoint.seconds(), crop.name());
    }

    /** 16 hexadecimal digits of the SHA-256 of a file. */
    public static String fingerprint(Path file) {
        try (var channel = FileChannel.open(file)) {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            while (channel.read(buffer) >= 0) {
                digest.update(buffer.flip());
                buffer.clear();
            }
            return HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS);
        } catch (IOException e) {
            throw new UserException("%s: cannot be read: %s".formatted(file, e.getMessage()), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
