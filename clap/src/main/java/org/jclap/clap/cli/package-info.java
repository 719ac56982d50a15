/** The command line: each command reads its options, calls the library, and prints or writes what came of it. */
@NullMarked
package org.jclap.clap.cli;

import org.jspecify.annotations.NullMarked;
