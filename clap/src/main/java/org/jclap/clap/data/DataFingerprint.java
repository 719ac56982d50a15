package org.jclap.clap.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A short hash that tells whether two runs saw the same data: SHA-256 over every row and the size of its audio file.
 *
 * <p>Paths below the data folder enter relative to it, so that a moved or mounted folder keeps its fingerprint. The
 * content of audio files is not read: it would take hours for a large collection.
 */
public final class DataFingerprint {
    private static final int HEX_DIGITS = 16;
    private static final long MISSING = -1;

    private final Path base;
    private final MessageDigest digest;
    private final Map<Path, Long> sizes = new HashMap<>();

    private DataFingerprint(Path base) {
        this.base = base.toAbsolutePath().normalize();
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** 16 hexadecimal digits for the rows of a manifest, in their order. */
    public static String of(Manifest manifest) {
        return of(manifest.base(), manifest.items());
    }

    /** 16 hexadecimal digits for {@code items} in their order, with paths relative to {@code base}. */
    public static String of(Path base, List<AudioItem> items) {
        var fingerprint = new DataFingerprint(base);
        for (var item : items) {
            fingerprint.add(item.id());
            fingerprint.add(item.caption());
            fingerprint.addFile(item.wavPath());
        }
        return fingerprint.hex();
    }

    /** 16 hexadecimal digits for the classes and clips of a set below {@code root}. */
    public static String of(Path root, ClassificationSet set) {
        var fingerprint = new DataFingerprint(root);
        set.classes().forEach(fingerprint::add);
        for (var clip : set.clips()) {
            fingerprint.add(clip.id());
            fingerprint.add(clip.labels().toString());
            fingerprint.add(clip.fold());
            fingerprint.addFile(clip.path());
        }
        return fingerprint.hex();
    }

    /** A field enters with its length, so that moving a character to the next field changes the hash. */
    private void add(@Nullable String field) {
        if (field == null) {
            addLong(MISSING);
            return;
        }
        var bytes = field.getBytes(StandardCharsets.UTF_8);
        addLong(bytes.length);
        digest.update(bytes);
    }

    private void addFile(Path file) {
        add(Manifest.written(base, file));
        addLong(sizes.computeIfAbsent(file, DataFingerprint::size));
    }

    private void addLong(long value) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException _) {
            return MISSING; // a missing file is part of what the run saw
        }
    }

    private String hex() {
        return HexFormat.of().formatHex(digest.digest()).substring(0, HEX_DIGITS);
    }
}
