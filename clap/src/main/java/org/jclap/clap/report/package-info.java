/**
 * Reports as one self-contained HTML file, and the charts in it as inline SVG.
 *
 * <p>A chart is a record of its data with {@link org.jclap.clap.report.Chart#toSvg()}. Nothing is fetched from a
 * network and no script runs: light and dark, hovering and printing are style sheet rules. Values that are not finite
 * leave a gap. The same data give the same bytes.
 */
@NullMarked
package org.jclap.clap.report;

import org.jspecify.annotations.NullMarked;
