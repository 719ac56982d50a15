/**
 * A procedural sound corpus: every label of ESC-50, UrbanSound8K and TUT Acoustic Scenes 2017 and some twenty classes
 * beside them have a parametric generator, a caption grammar describes what was drawn, and the writers lay the clips
 * out as the published data sets do. Start with {@link org.jclap.clap.synth.SoundBank} for one sound and with
 * {@link org.jclap.clap.synth.Corpus} for a whole corpus.
 */
@NullMarked
package org.jclap.clap.synth;

import org.jspecify.annotations.NullMarked;
