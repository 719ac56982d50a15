package org.jclap.clap.report;

/**
 * Colours of medium lightness, legible on white and on near-black alike.
 *
 * <p>Up to eight series take a fixed set, ordered so that neighbours differ under the common colour deficiencies; more
 * take evenly spread hues of the OKLCH space, and rely on labels beside them.
 */
final class Palette {
    private static final String[] DISTINCT = {
        "#3574c4", "#d9662b", "#1d9a83", "#b0579f", "#b08a12", "#4f9fd6", "#8a6a55", "#6d6fc9"
    };

    private Palette() {}

    /** The style that gives an element and its children the colour of series {@code index} of {@code count}. */
    static String style(int index, int count) {
        return "--c:" + color(index, count);
    }

    static String color(int index, int count) {
        if (count <= DISTINCT.length) {
            return DISTINCT[index];
        }
        double hue = 360.0 * index / count;
        // neighbouring hues alternate in lightness
        return index % 2 == 0 ? fromOklch(0.66, 0.13, hue) : fromOklch(0.54, 0.14, hue);
    }

    /** OKLCH to sRGB (Ottosson, 2020), clipped to the gamut. */
    private static String fromOklch(double lightness, double chroma, double hue) {
        double a = chroma * Math.cos(Math.toRadians(hue));
        double b = chroma * Math.sin(Math.toRadians(hue));
        double l = Math.pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
        double m = Math.pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
        double s = Math.pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
        return "#%02x%02x%02x"
                .formatted(
                        channel(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
                        channel(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
                        channel(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
    }

    private static int channel(double linear) {
        double value = Math.clamp(linear, 0, 1);
        double encoded = value <= 0.0031308 ? 12.92 * value : 1.055 * Math.pow(value, 1 / 2.4) - 0.055;
        return (int) Math.round(255 * encoded);
    }
}
