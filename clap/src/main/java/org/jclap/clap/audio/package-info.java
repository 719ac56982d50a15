/**
 * Sound on its way to the audio encoder, in reading order: {@link org.jclap.clap.audio.WavFile} decodes and mixes to
 * mono, {@link org.jclap.clap.audio.Resampler} changes the rate, {@link org.jclap.clap.audio.Crop} brings a clip to the
 * model's length, and {@link org.jclap.clap.audio.LogMel} computes the log-mel spectrogram {@code (B, 1, T, F)} with the
 * geometry of a {@link org.jclap.clap.audio.FrontEnd}. Everything here is thread-safe and deterministic.
 */
@NullMarked
package org.jclap.clap.audio;

import org.jspecify.annotations.NullMarked;
