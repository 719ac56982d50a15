package org.jclap.clap.report;

import java.util.ArrayList;
import java.util.List;

/** Maps data to pixels along one axis and chooses round ticks. */
sealed interface Scale permits Scale.Linear, Scale.Log {
    /** The pixel of a value; NaN for values that the scale cannot show. */
    double position(double value);

    /** Round values inside the data range, ascending. */
    List<Double> ticks();

    /** The text at a tick. */
    String label(double tick);

    /** Equal differences take equal lengths. */
    record Linear(Extent data, double from, double to, int tickCount) implements Scale {
        @Override
        public double position(double value) {
            return Extent.shows(value)
                    ? from + (value - data.min()) / (data.max() - data.min()) * (to - from)
                    : Double.NaN;
        }

        @Override
        public List<Double> ticks() {
            return roundTicks(data, tickCount);
        }

        @Override
        public String label(double tick) {
            double step = roundStep(data, tickCount);
            int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
            boolean plain = decimals <= 4 && Math.max(Math.abs(data.min()), Math.abs(data.max())) < 1e6;
            return plain || tick == 0 ? Numbers.fixed(tick, plain ? decimals : 0) : Numbers.scientific(tick);
        }
    }

    /** Equal ratios take equal lengths; the data range must be positive, values that are not have no position. */
    record Log(Extent data, double from, double to) implements Scale {
        private static final int MAX_DECADES = 8;

        @Override
        public double position(double value) {
            double low = Math.log(data.min());
            return value > 0 && Extent.shows(value)
                    ? from + (Math.log(value) - low) / (Math.log(data.max()) - low) * (to - from)
                    : Double.NaN;
        }

        @Override
        public List<Double> ticks() {
            int first = (int) Math.floor(Math.log10(data.min()));
            int last = (int) Math.ceil(Math.log10(data.max()));
            int decades = last - first;
            int[] multiples = decades <= 3 ? new int[] {1, 2, 5} : new int[] {1};
            int stride = Math.max(1, Math.ceilDiv(decades, MAX_DECADES));
            List<Double> ticks = new ArrayList<>();
            for (int decade = first; decade <= last; decade += stride) {
                for (int multiple : multiples) {
                    double tick = multiple * Math.pow(10, decade);
                    if (tick >= data.min() * (1 - 1e-9) && tick <= data.max() * (1 + 1e-9)) {
                        ticks.add(tick);
                    }
                }
            }
            return ticks.size() >= 2 ? ticks : roundTicks(data, 5);
        }

        @Override
        public String label(double tick) {
            return Numbers.compact(tick);
        }
    }

    /** Multiples of 1, 2 or 5 times a power of ten, about {@code count} of them. */
    private static List<Double> roundTicks(Extent data, int count) {
        double step = roundStep(data, count);
        List<Double> ticks = new ArrayList<>();
        // multiples by counting, since adding up steps drifts
        double first = Math.ceil(data.min() / step - 1e-9);
        int further = (int) (Math.floor(data.max() / step + 1e-9) - first);
        for (int i = 0; i <= further; i++) {
            double tick = (first + i) * step;
            ticks.add(tick == 0 ? 0 : tick); // not minus zero
        }
        return ticks;
    }

    /** The round step nearest to the wanted one in ratio: the limits are geometric means of neighbours. */
    private static double roundStep(Extent data, int count) {
        double rough = (data.max() - data.min()) / count;
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double lead = rough / power;
        return power * (lead < 1.41 ? 1 : lead < 3.16 ? 2 : lead < 7.07 ? 5 : 10);
    }
}
