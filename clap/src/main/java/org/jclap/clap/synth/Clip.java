package org.jclap.clap.synth;

/**
 * One synthesized recording.
 *
 * @param samples mono, in [-1, 1]
 * @param sampleRate in hertz
 * @param scenario what it is a recording of
 */
public record Clip(float[] samples, int sampleRate, Scenario scenario) {}
