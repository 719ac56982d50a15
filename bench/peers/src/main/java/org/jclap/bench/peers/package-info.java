/**
 * The benchmarks next to PyTorch, which comes through DJL. Start reading at {@link org.jclap.bench.peers.Duel}; what
 * PyTorch does is the TorchScript of {@code peer.py}.
 */
@NullMarked
package org.jclap.bench.peers;

import org.jspecify.annotations.NullMarked;
