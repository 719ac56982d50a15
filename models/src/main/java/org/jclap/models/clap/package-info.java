/** CLAP: an audio tower and a text tower that meet in one space. */
@NullMarked
package org.jclap.models.clap;

import org.jspecify.annotations.NullMarked;
