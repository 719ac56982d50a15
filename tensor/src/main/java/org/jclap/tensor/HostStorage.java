package org.jclap.tensor;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jclap.tensor.type.DType;
import org.jclap.tensor.type.Half;
import org.jspecify.annotations.Nullable;

/**
 * Elements in a Java array: {@code float[]} for F32, {@code short[]} for F16 and BF16, {@code double[]}, {@code int[]},
 * {@code long[]}, {@code byte[]} for BOOL. The array comes from a pool and may be longer than the storage.
 */
public final class HostStorage extends Storage {
    private final @Nullable HostPool pool;
    private final Object array;
    private Map<Object, HostStorage> arrangements = Map.of();

    private HostStorage(DType dtype, int length, Object array, @Nullable HostPool pool) {
        super(dtype, length);
        this.pool = pool;
        this.array = array;
    }

    /** A storage whose array returns to {@code pool} with the last release. */
    static HostStorage pooled(DType dtype, int length, Object array, HostPool pool) {
        return new HostStorage(dtype, length, array, pool);
    }

    /** A storage over a Java array of the type that belongs to {@code dtype}; nothing is copied. */
    public static HostStorage wrap(DType dtype, Object array, int length) {
        return new HostStorage(dtype, length, array, null);
    }

    /** A staging buffer of zeros, for the garbage collector to take. */
    public static HostStorage create(DType dtype, int length) {
        return wrap(dtype, newArray(dtype, length), length);
    }

    /** A Java array of the type that belongs to {@code dtype}. */
    static Object newArray(DType dtype, int length) {
        return switch (dtype) {
            case F32 -> new float[length];
            case F64 -> new double[length];
            case F16, BF16 -> new short[length];
            case I32 -> new int[length];
            case I64 -> new long[length];
            case BOOL -> new byte[length];
        };
    }

    /** The array of an F32 storage. */
    public float[] floats() {
        return (float[]) array;
    }

    /** The bit patterns of an F16 or BF16 storage. */
    public short[] shorts() {
        return (short[]) array;
    }

    /** The array of an F64 storage. */
    public double[] doubles() {
        return (double[]) array;
    }

    /** The array of an I32 storage. */
    public int[] ints() {
        return (int[]) array;
    }

    /** The array of an I64 storage. */
    public long[] longs() {
        return (long[]) array;
    }

    /** The array of a BOOL storage. */
    public byte[] bytes() {
        return (byte[]) array;
    }

    /** The Java array, whatever its type. */
    public Object array() {
        return array;
    }

    /** Element {@code i} as a double; an I64 beyond 2^53 loses its low bits. */
    public double get(int i) {
        return switch (dtype()) {
            case F32 -> floats()[i];
            case F64 -> doubles()[i];
            case F16 -> Float.float16ToFloat(shorts()[i]);
            case BF16 -> Half.bfloat16ToFloat(shorts()[i]);
            case I32 -> ints()[i];
            case I64 -> longs()[i];
            case BOOL -> bytes()[i];
        };
    }

    /** Sets element {@code i}, rounded to the nearest value of the type. */
    public void set(int i, double value) {
        switch (dtype()) {
            case F32 -> floats()[i] = (float) value;
            case F64 -> doubles()[i] = value;
            case F16 -> shorts()[i] = Float.floatToFloat16((float) value);
            case BF16 -> shorts()[i] = Half.floatToBfloat16((float) value);
            case I32 -> ints()[i] = (int) value;
            case I64 -> longs()[i] = (long) value;
            case BOOL -> bytes()[i] = (byte) (value != 0 ? 1 : 0);
        }
    }

    /**
     * The elements in another order, made at the first call with this key and given up with this storage.
     *
     * @throws IllegalStateException if the elements may still change
     */
    public HostStorage arranged(Object key, Supplier<HostStorage> arrangement) {
        if (!isConstant()) {
            throw new IllegalStateException("only constant elements are kept in another order");
        }
        if (arrangements.isEmpty()) {
            arrangements = new HashMap<>();
        }
        return arrangements.computeIfAbsent(key, _ -> arrangement.get());
    }

    @Override
    protected void free() {
        arrangements.values().forEach(HostStorage::release);
        arrangements = Map.of();
        if (pool != null) {
            pool.recycle(dtype(), array);
        }
    }
}
