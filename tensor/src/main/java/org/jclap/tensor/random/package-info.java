/** Counter-based random numbers, the same stream on every backend. */
@NullMarked
package org.jclap.tensor.random;

import org.jspecify.annotations.NullMarked;
