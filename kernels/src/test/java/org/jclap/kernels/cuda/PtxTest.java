package org.jclap.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jclap.tensor.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The PTX that is run is that of the source. */
final class PtxTest {
    private static final KernelSource CHANGED = new KernelSource(Family.LAYOUT, "changed", "0123");

    @ParameterizedTest
    @EnumSource
    void theCommittedOneWasMadeFromTheSource(Family family) {
        KernelSource source = KernelSource.of(family);
        String oldest = source.ptx(Ptx.ARCHITECTURES.getFirst());
        assertNotNull(oldest, "none is committed");
        assertTrue(
                source.isSourceOf(oldest),
                () -> family.file() + ".cu has changed: './mvnw -Pptx -pl kernels -am process-classes' makes its PTX");
        for (int architecture : Ptx.ARCHITECTURES) {
            String ptx = Ptx.of(source, architecture);
            assertTrue(source.isSourceOf(ptx));
            assertTrue(ptx.contains(".version 8.5"), "the oldest driver reads PTX 8.5");
        }
    }

    @Test
    void newerDevicesRunWhatWasMadeForOlderOnes() {
        KernelSource source = KernelSource.of(Family.LAYOUT);
        assertEquals(Ptx.of(source, 90), Ptx.of(source, 120));
    }

    @Test
    void aChangedSourceIsTakenFromTheCache(@TempDir Path cache) throws IOException {
        Path file = cache.resolve(CHANGED.ptxPath(80));
        Files.createDirectories(file.getParent());
        Files.writeString(file, CHANGED.header() + "kernels");
        assertEquals(CHANGED.header() + "kernels", Ptx.compiled(CHANGED, 80, cache));
    }

    /** Neither what lies in the cache nor what is committed was made from it. */
    @Test
    void aChangedSourceWithoutACompilerIsAnErrorWithARemedy(@TempDir Path empty) {
        for (Executable attempt :
                List.<Executable>of(() -> Ptx.compiled(CHANGED, 80, empty), () -> Ptx.of(CHANGED, 80))) {
            String message = withoutCompiler(empty, attempt);
            assertTrue(message.contains("layout.cu") && message.contains("-Pptx"), message);
        }
        assertFalse(Files.exists(empty.resolve(CHANGED.ptxPath(80))));
    }

    private static String withoutCompiler(Path empty, Executable attempt) {
        String before = System.getProperty("jclap.cuda.libraries");
        System.setProperty("jclap.cuda.libraries", empty.toString());
        try {
            return String.valueOf(assertThrows(UserException.class, attempt).getMessage());
        } finally {
            if (before == null) {
                System.clearProperty("jclap.cuda.libraries");
            } else {
                System.setProperty("jclap.cuda.libraries", before);
            }
        }
    }

    @Test
    void includesAreInTheirPlacesOnce() {
        String text = KernelSource.of(Family.ELEMENTWISE).text();
        assertFalse(text.contains("#include"));
        assertEquals(text.indexOf("struct DropoutMask"), text.lastIndexOf("struct DropoutMask"));
    }
}
