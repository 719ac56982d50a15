package org.jclap.clap.embed;

import java.nio.file.Path;

/** An audio file that could not be used, and why. */
public record SkippedFile(Path file, String reason) {}
