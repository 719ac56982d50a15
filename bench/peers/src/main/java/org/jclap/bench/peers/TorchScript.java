package org.jclap.bench.peers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs TorchScript source in the archive that PyTorch loads: a zip with the code and a pickle of the module. */
final class TorchScript {
    /** Pickle protocol 2: an object of {@code __torch__.Peer} with the one attribute {@code training = False}. */
    private static final String MODULE = "\u0080\u0002c__torch__\nPeer\n)\u0081}X\b\0\0\0training\u0089sb.";
    /** An empty tuple: the code has no constants of its own. */
    private static final String CONSTANTS = "\u0080\u0002).";

    private static final String FORMAT = "3\n";

    private TorchScript() {}

    /** The archive of a source that is a resource beside this class. */
    static byte[] archive(String resource) {
        var bytes = new ByteArrayOutputStream();
        try (var source = Objects.requireNonNull(TorchScript.class.getResourceAsStream(resource), resource);
                var zip = new ZipOutputStream(bytes)) {
            add(zip, "data.pkl", MODULE.getBytes(StandardCharsets.ISO_8859_1));
            add(zip, "code/__torch__.py", source.readAllBytes());
            add(zip, "constants.pkl", CONSTANTS.getBytes(StandardCharsets.ISO_8859_1));
            add(zip, "version", FORMAT.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** PyTorch reads what is stored without compression. */
    private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry("peer/" + name);
        var check = new CRC32();
        check.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(check.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
