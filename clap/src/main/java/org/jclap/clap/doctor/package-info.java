/** What this machine offers to jclap, what jclap would use and why, and whether it computes right. */
@NullMarked
package org.jclap.clap.doctor;

import org.jspecify.annotations.NullMarked;
