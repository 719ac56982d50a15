package org.jclap.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the jar of CUDA's libraries to a folder, with a jar of the same form. */
final class RedistTest {
    private static final String ROOT = "org/bytedeco/cuda/linux-x86_64/";

    @TempDir
    private Path folder;

    private Path jar(String... paths) throws IOException {
        Path jar = folder.resolve("cuda-redist.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (String path : paths) {
                out.putNextEntry(new ZipEntry(path));
                out.write(path.getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return jar;
    }

    @Test
    void unpacksWhatIsUsedAndNothingElse() throws IOException {
        Path jar = jar(
                "META-INF/MANIFEST.MF",
                ROOT + "libcublas.so.12",
                ROOT + "libcudnn_ops.so.9",
                ROOT + "libcufft.so.11",
                ROOT + "../../../../libcublas_outside.so",
                "libcudnn.so.9");
        Path target = folder.resolve("libraries");
        List<String> names = Redist.unpack(jar, target);
        assertEquals(List.of("libcublas.so.12", "libcublas_outside.so", "libcudnn_ops.so.9"), names);
        assertEquals(ROOT + "libcublas.so.12", Files.readString(target.resolve("libcublas.so.12")));
        try (var files = Files.list(target)) {
            assertEquals(3, files.count());
        }
        assertFalse(Files.exists(folder.resolve("libcublas_outside.so")));
    }

    @Test
    void aSecondRunMakesGoodWhatTheFirstOneLeftUnfinished() throws IOException {
        Path jar = jar(ROOT + "libcublas.so.12", ROOT + "libnvrtc.so.12");
        Redist.unpack(jar, folder);
        Path kept = folder.resolve("libcublas.so.12");
        Path torn = folder.resolve("libnvrtc.so.12");
        FileTime old = FileTime.fromMillis(1_000);
        Files.setLastModifiedTime(kept, old);
        Files.writeString(torn, "half");
        Redist.unpack(jar, folder);
        assertEquals(old, Files.getLastModifiedTime(kept), "what is complete stays");
        assertEquals(ROOT + "libnvrtc.so.12", Files.readString(torn));
    }

    @Test
    void aJarWithoutTheLibrariesIsAnError() throws IOException {
        Path jar = jar(ROOT + "libcufft.so.11");
        var error = assertThrows(UserException.class, () -> Redist.unpack(jar, folder));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.contains(jar.toString()) && message.contains("no CUDA libraries"), message);
    }
}
