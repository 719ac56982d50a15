/**
 * The closed vocabulary of ops. Each op states its inputs, its outputs and its shape rule; backends compute it, autograd
 * differentiates it. Every switch over {@link org.jclap.tensor.op.Op} is exhaustive and has no default branch, so that a
 * new op does not compile until every backend and the gradient table have a row for it.
 */
@NullMarked
package org.jclap.tensor.op;

import org.jspecify.annotations.NullMarked;
