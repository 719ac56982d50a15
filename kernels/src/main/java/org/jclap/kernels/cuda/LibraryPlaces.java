package org.jclap.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jclap.kernels.cuda.Natives.Library;

/**
 * Where NVIDIA's libraries are looked for: where {@link CudaOptions#libraries} says; else where the loader of the system
 * looks, in a toolkit, and where {@link Redist} unpacks them.
 */
final class LibraryPlaces {
    private static final List<String> TOOLKIT_VARIABLES = List.of("CUDA_PATH", "CUDA_HOME");
    private static final Path TOOLKIT = Path.of("/usr/local/cuda");

    /** Of the system's loader, and of NVIDIA's packages. */
    private static final List<String> USUAL =
            List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib");

    private LibraryPlaces() {}

    /** What is put before the name of a file, in the order of preference: folders with a separator, or nothing. */
    static List<String> of(Library library) {
        Path chosen = CudaOptions.libraries();
        if (chosen != null) {
            return List.of(folder(chosen));
        }
        if (library == Library.DRIVER) {
            return List.of("");
        }
        List<String> places = new ArrayList<>(List.of(""));
        toolkits().forEach(toolkit -> places.add(folder(toolkit)));
        places.add(folder(Redist.folder()));
        return places;
    }

    private static Stream<Path> toolkits() {
        Stream<Path> named = TOOLKIT_VARIABLES.stream()
                .map(variable -> System.getenv().getOrDefault(variable, ""))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
        return Stream.concat(named, Stream.of(TOOLKIT)).map(toolkit -> toolkit.resolve("lib64"));
    }

    private static String folder(Path folder) {
        return folder + File.separator;
    }

    /** Which other versions of a library there are, for an error; the driver has only one. */
    static String otherVersions(Library library) {
        Path chosen = CudaOptions.libraries();
        Stream<Path> folders = chosen != null ? Stream.of(chosen) : Stream.concat(searched(), toolkits());
        List<Path> found = folders.flatMap(folder -> versions(folder, library)).toList();
        return found.isEmpty() || library == Library.DRIVER
                ? ""
                : ", but another version, which cannot be used: " + found.getFirst();
    }

    private static Stream<Path> searched() {
        String variable = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        return Stream.concat(Stream.of(variable.split(File.pathSeparator)), USUAL.stream())
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
    }

    private static Stream<Path> versions(Path folder, Library library) {
        if (!Files.isDirectory(folder)) {
            return Stream.of();
        }
        String stem = library.file().substring(0, library.file().lastIndexOf('.') + 1);
        try (Stream<Path> files = Files.list(folder)) {
            return files
                    .filter(file -> {
                        String name = String.valueOf(file.getFileName());
                        return name.matches(Pattern.quote(stem) + "\\d+") && !name.equals(library.file());
                    })
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException _) {
            return Stream.of(); // a folder that may not be read has nothing to offer
        }
    }
}
