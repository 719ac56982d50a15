/** The convolutional audio encoder CNN14 of PANNs (Kong et al., arXiv 1912.10211). */
@NullMarked
package org.jclap.models.cnn14;

import org.jspecify.annotations.NullMarked;
