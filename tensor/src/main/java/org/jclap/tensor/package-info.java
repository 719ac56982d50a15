/**
 * Tensors: values with a shape and a type on a backend, and the one funnel through which every op runs.
 *
 * <p>Start with {@link org.jclap.tensor.Tensor#apply}; {@link org.jclap.tensor.Ops} lists what can be computed.
 */
@NullMarked
package org.jclap.tensor;

import org.jspecify.annotations.NullMarked;
