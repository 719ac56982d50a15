/**
 * The whole method in miniature, on audio that it synthesizes: teachers, curation, students, zero-shot classification, and
 * what class separability has to do with it. {@link org.jclap.clap.demo.Demo} has the stages in reading order.
 */
@NullMarked
package org.jclap.clap.demo;

import org.jspecify.annotations.NullMarked;
