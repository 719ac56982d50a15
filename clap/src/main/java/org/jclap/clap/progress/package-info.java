/** Progress of long work: a bar on a terminal, plain lines elsewhere. */
@NullMarked
package org.jclap.clap.progress;

import org.jspecify.annotations.NullMarked;
