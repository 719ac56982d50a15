/** What a tensor is before it has values: its dimensions and its element type. */
@NullMarked
package org.jclap.tensor.type;

import org.jspecify.annotations.NullMarked;
