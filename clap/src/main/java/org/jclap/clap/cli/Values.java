package org.jclap.clap.cli;

import org.jclap.clap.audio.Crop;
import org.jclap.clap.curate.Selection;
import org.jclap.tensor.UserException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Values of options that are checked where they are read, so that a wrong one is a wrong usage. */
final class Values {
    private Values() {}

    abstract static class Checked<T> implements ITypeConverter<T> {
        abstract T parse(String text);

        @Override
        public T convert(String text) {
            try {
                return parse(text);
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not such a number");
            } catch (UserException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** A whole number from 1. */
    static final class Positive extends Checked<Integer> {
        @Override
        Integer parse(String text) {
            var value = Integer.parseInt(text);
            if (value < 1) {
                throw new UserException("must be at least 1, is " + value);
            }
            return value;
        }
    }

    /** The name of a crop. */
    static final class CropName extends Checked<Crop> {
        @Override
        Crop parse(String text) {
            return Crop.parse(text);
        }
    }

    /** A least similarity. */
    static final class Threshold extends Checked<Selection.Threshold> {
        @Override
        Selection.Threshold parse(String text) {
            return new Selection.Threshold(Float.parseFloat(text));
        }
    }

    /** A number of neighbours. */
    static final class TopK extends Checked<Selection.TopK> {
        @Override
        Selection.TopK parse(String text) {
            return new Selection.TopK(Integer.parseInt(text));
        }
    }
}
