/**
 * Reverse-mode differentiation: a tape that records what runs, one gradient rule per op, checkpointed segments, and the
 * recorded graph as text.
 *
 * <p>Start with {@link org.jclap.autograd.GradTape}; the rules are the table in {@code Gradients}.
 */
@NullMarked
package org.jclap.autograd;

import org.jspecify.annotations.NullMarked;
