/**
 * Evaluation scores and the study of class separability: zero-shot accuracy, retrieval, silhouette, neighbourhood
 * similarity, CKA, correlations and t-SNE.
 *
 * <p>Everything works on plain row-major matrices. Pairwise quantities are computed in double precision, in blocks that
 * never hold the whole n x n matrix, on all cores; each row's result depends on that row alone, so that the number of
 * threads cannot change a digit.
 */
@NullMarked
package org.jclap.clap.analyze;

import org.jspecify.annotations.NullMarked;
