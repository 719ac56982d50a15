/**
 * What tests and benchmarks share: one list of cases for every op, seeded numbers, golden files, and tolerances that say
 * where they come from.
 */
@NullMarked
package org.jclap.tests.kit;

import org.jspecify.annotations.NullMarked;
