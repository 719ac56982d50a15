/**
 * The reference backend: every op as its definition in plain scalar loops, computed in double precision. It is the
 * specification that the other backends are held against, and it is meant to be read.
 */
@NullMarked
package org.jclap.tensor.reference;

import org.jspecify.annotations.NullMarked;
