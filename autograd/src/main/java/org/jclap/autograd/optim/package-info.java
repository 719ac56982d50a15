/** What a training step does with gradients: clipping, loss scaling, learning rates, and the optimizer's update. */
@NullMarked
package org.jclap.autograd.optim;

import org.jspecify.annotations.NullMarked;
