package dev.selvage.streams;

import org.jspecify.annotations.Nullable;

/** The registers of a {@link Program}: a value of any type has one index; NULL is apart. */
final class Frame {
    final double[] d;
    final long[] l;
    final @Nullable String[] s;
    final boolean[] isNull;

    Frame(int registers) {
        d = new double[registers];
        l = new long[registers];
        s = new String[registers];
        isNull = new boolean[registers];
    }

    void copyFrom(Frame other) {
        System.arraycopy(other.d, 0, d, 0, d.length);
        System.arraycopy(other.l, 0, l, 0, l.length);
        System.arraycopy(other.s, 0, s, 0, s.length);
        System.arraycopy(other.isNull, 0, isNull, 0, isNull.length);
    }

    boolean isTrue(int register) {
        return !isNull[register] && l[register] != 0;
    }

    boolean isFalse(int register) {
        return !isNull[register] && l[register] == 0;
    }

    void set(int register, double value) {
        isNull[register] = false;
        d[register] = value;
    }

    void set(int register, long value) {
        isNull[register] = false;
        l[register] = value;
    }

    void set(int register, boolean value) {
        isNull[register] = false;
        l[register] = value ? 1 : 0;
    }

    void set(int register, @Nullable String value) {
        isNull[register] = value == null;
        s[register] = value;
    }

    void move(int to, int from) {
        isNull[to] = isNull[from];
        d[to] = d[from];
        l[to] = l[from];
        s[to] = s[from];
    }
}
