package org.jclap.tests.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jclap.clap.cli.Main;
import org.jclap.clap.doctor.BackendOffer;
import org.jclap.tensor.Backend;
import org.jclap.tensor.BackendProvider.Component;
import org.jclap.tensor.Backends;
import org.jclap.tensor.Ops;
import org.jclap.tensor.Scope;
import org.jclap.tensor.Tensor;
import org.jclap.tensor.UserException;
import org.jclap.tensor.type.Shape;
import org.jclap.tests.emulator.EmulatedDriver;
import org.jclap.tests.emulator.EmulatedDriver.Knob;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machines that lack something: what doctor says, what a backend that was named does, what jclap chooses. */
final class CudaMachineTest {
    private static final String FOLDER = "jclap.cuda.libraries";

    /** What this machine has instead of a folder of the emulator. */
    @TempDir
    private Path machine;

    @BeforeEach
    void start() {
        Emulator.open().close();
    }

    /** Links are removed here, where JUnit would warn of each. */
    @AfterEach
    void restore() throws IOException {
        try (var files = Files.list(machine)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        if (EmulatedDriver.isAvailable()) {
            EmulatedDriver.start();
            EmulatedDriver.set(Knob.DRIVER_VERSION, 12_060);
            EmulatedDriver.set(Knob.DEVICES, 1);
            EmulatedDriver.set(Knob.INIT_STATUS, 0);
            EmulatedDriver.set(Knob.CONTEXT_STATUS, 0);
            EmulatedDriver.set(Knob.COMPUTE, 90);
            assertEquals(0, EmulatedDriver.get(Knob.CONTEXTS));
        }
    }

    private static BackendOffer offer() {
        return BackendOffer.all().stream()
                .filter(offer -> offer.name().equals("cuda"))
                .findFirst()
                .orElseThrow();
    }

    private static Component component(String name) {
        return offer().components().stream()
                .filter(component -> component.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The backend that was named is refused, with this reason and remedy; left to choose, jclap takes the next one. */
    private static void assertRefused(String reason, String remedy) {
        var error = assertThrows(UserException.class, () -> Backends.open("cuda", 1));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.contains(reason) && message.contains(remedy), message);
        try (Backend other = Backends.open(Backends.AUTO, 1)) {
            assertEquals("vector", other.name());
        }
        BackendOffer offer = offer();
        String obstacle = String.valueOf(offer.obstacle());
        assertTrue(obstacle.contains(reason) && obstacle.contains(remedy), obstacle);
        assertNull(offer.description());
        assertEquals(
                List.of("vector"),
                BackendOffer.all().stream()
                        .filter(BackendOffer::chosen)
                        .map(BackendOffer::name)
                        .toList());
    }

    @Test
    void noDriver() {
        System.setProperty(FOLDER, machine.toString());
        assertRefused("no NVIDIA driver was found (libcuda.so.1 is not there)", "driver 555 or newer");
        assertNotNull(component("driver").remedy());
    }

    @ParameterizedTest
    @CsvSource({
        "DRIVER_VERSION, 12020, 'the driver is too old: it is for CUDA 12.2, needed is 12.5'",
        "INIT_STATUS, 100, 'cannot use this machine: CUDA_ERROR_NO_DEVICE'",
        "INIT_STATUS, 803, 'sudo reboot'",
        "INIT_STATUS, 802, 'systemctl start nvidia-fabricmanager'",
        "INIT_STATUS, 34, 'out of LD_LIBRARY_PATH'",
        "DEVICES, 0, 'there, but no device'",
        "COMPUTE, 61, 'compute capability 6.1, needed is 7.5'",
        "CONTEXT_STATUS, 2, 'cannot be opened: cuDevicePrimaryCtxRetain failed: CUDA_ERROR_OUT_OF_MEMORY'"
    })
    void aDriverOrDeviceThatWillNotDo(Knob knob, long value, String reason) {
        EmulatedDriver.set(knob, value);
        assertRefused(reason.replace("the driver", "the NVIDIA driver"), "");
        String wrong = knob == Knob.DEVICES || knob == Knob.COMPUTE ? "device" : "driver";
        if (knob != Knob.CONTEXT_STATUS) {
            assertNotNull(component(wrong).remedy());
        }
    }

    @Test
    void everythingThere() {
        assertNull(offer().obstacle());
        assertEquals(new Component("driver", "for CUDA 12.6", null), component("driver"));
        assertEquals(new Component("cuBLAS", "12.6", null), component("cuBLAS"));
        assertEquals(new Component("cuDNN", "9.5", null), component("cuDNN"));
    }

    /** A folder with the driver and these files of the emulator. */
    private void machine(String... files) throws IOException {
        Path emulator = Path.of(System.getProperty(FOLDER));
        for (String file : files) {
            Files.createSymbolicLink(machine.resolve(file), emulator.resolve(file));
        }
        Files.createSymbolicLink(machine.resolve("libcuda.so.1"), emulator.resolve("libcuda.so.1"));
        System.setProperty(FOLDER, machine.toString());
    }

    /** A matrix product and a convolution come out right. */
    private static void assertComputes(String description) {
        try (Backend cuda = Backends.open("cuda", 1);
                Scope _ = Scope.open()) {
            assertTrue(cuda.description().endsWith(description), cuda::description);
            float[] ones = new float[64];
            Arrays.fill(ones, 1);
            Tensor x = Tensor.of(cuda, Shape.of(1, 2, 4, 8), ones.clone());
            Tensor w = Tensor.of(cuda, Shape.of(8, 8, 1, 1), ones.clone());
            Tensor y = Tensor.of(cuda, Shape.of(8, 8), ones.clone());
            float[] eights = new float[64];
            Arrays.fill(eights, 8);
            assertArrayEquals(eights, Ops.conv2d(x, w, 1, 0).toFloats());
            assertArrayEquals(eights, Ops.matmul(y, y).toFloats());
        }
    }

    private static void assertMissing(String library, String state) {
        Component component = component(library);
        assertTrue(component.state().contains(state), component.state());
        assertTrue(String.valueOf(component.remedy()).contains("-Pcuda-redist"), component::toString);
    }

    @Test
    void noLibraries() throws IOException {
        machine();
        assertMissing("cuBLAS", "libcublas.so.12 is not there");
        assertMissing("cuDNN", "libcudnn.so.9 is not there");
        assertMissing("NVRTC", "libnvrtc.so.12 is not there");
        assertComputes("own kernels only, as neither cuBLAS nor cuDNN can be used");
        var out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out)).execute("doctor"));
        List<String> lines = out.toString().lines().map(String::strip).toList();
        int cudnn = lines.indexOf("cuDNN          libcudnn.so.9 is not there");
        assertTrue(cudnn > 0 && lines.get(cudnn + 1).startsWith("-> './mvnw -Pcuda-redist"), out::toString);
    }

    /** cuDNN would end the process when it does not find its parts. */
    @Test
    void aPartOfCudnnIsMissing() throws IOException {
        machine("libcublas.so.12", "libcudnn.so.9", "libcudnn_graph.so.9", "libcudnn_ops.so.9");
        assertMissing("cuDNN", "libcudnn_cnn.so.9 is not there");
        assertComputes("cuBLAS 12.6, own convolutions");
    }

    @Test
    void otherMajorVersions() throws IOException {
        machine();
        Files.createFile(machine.resolve("libcublas.so.13"));
        Files.createFile(machine.resolve("libcudnn.so.8"));
        assertMissing("cuBLAS", "libcublas.so.12 is not there, but another version, which cannot be used: " + machine);
        assertMissing("cuDNN", machine.resolve("libcudnn.so.8").toString());
        assertComputes("own kernels only, as neither cuBLAS nor cuDNN can be used");
    }

    @Test
    void aLibraryThatIsTorn() throws IOException {
        machine();
        Files.writeString(machine.resolve("libcublas.so.12"), "half");
        assertMissing("cuBLAS", machine.resolve("libcublas.so.12").toString());
        assertFalse(component("cuBLAS").state().contains("another version"), "it is not another one");
    }
}
