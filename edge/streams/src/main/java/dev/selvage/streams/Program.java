package dev.selvage.streams;

import java.util.Objects;

/**
 * Expressions as straight-line instructions over registers: every subexpression is computed once per row, without branches,
 * allocation or calls. That is safe because no instruction can fail, and it stays linear however a query nests. One long
 * switch, on purpose: it is the whole interpreter.
 */
final class Program {
    private final Code[] codes;
    private final int[] dst;
    private final int[] a;
    private final int[] b;
    private final int[] c;
    private final Frame constants;

    Program(Code[] codes, int[] dst, int[] a, int[] b, int[] c, Frame constants) {
        this.codes = codes;
        this.dst = dst;
        this.a = a;
        this.b = b;
        this.c = c;
        this.constants = constants;
    }

    /** Registers with the constants in place; no instruction writes over those. */
    Frame frame() {
        Frame frame = new Frame(constants.d.length);
        frame.copyFrom(constants);
        return frame;
    }

    void run(Frame f) {
        double[] d = f.d;
        long[] l = f.l;
        boolean[] n = f.isNull;
        for (int i = 0; i < codes.length; i++) {
            int to = dst[i];
            int x = a[i];
            int y = b[i];
            switch (codes[i]) {
                case ADD_D -> {
                    n[to] = n[x] || n[y];
                    d[to] = d[x] + d[y];
                }
                case SUB_D -> {
                    n[to] = n[x] || n[y];
                    d[to] = d[x] - d[y];
                }
                case MUL_D -> {
                    n[to] = n[x] || n[y];
                    d[to] = d[x] * d[y];
                }
                case DIV_D -> {
                    n[to] = n[x] || n[y];
                    d[to] = d[x] / d[y];
                }
                case NEG_D -> {
                    n[to] = n[x];
                    d[to] = -d[x];
                }
                case ABS_D -> {
                    n[to] = n[x];
                    d[to] = Math.abs(d[x]);
                }
                case ROUND_D -> {
                    n[to] = n[x];
                    d[to] = n[x] ? 0 : Rounding.round(d[x], (int) l[y]);
                }
                case FLOOR_D -> {
                    n[to] = n[x];
                    d[to] = Math.floor(d[x]);
                }
                case CEIL_D -> {
                    n[to] = n[x];
                    d[to] = Math.ceil(d[x]);
                }
                case ADD_L -> {
                    n[to] = n[x] || n[y];
                    l[to] = l[x] + l[y];
                }
                case SUB_L -> {
                    n[to] = n[x] || n[y];
                    l[to] = l[x] - l[y];
                }
                case MUL_L -> {
                    n[to] = n[x] || n[y];
                    l[to] = l[x] * l[y];
                }
                case DIV_L -> {
                    n[to] = n[x] || n[y] || l[y] == 0;
                    l[to] = n[to] ? 0 : l[x] / l[y];
                }
                case MOD_L -> {
                    n[to] = n[x] || n[y] || l[y] == 0;
                    l[to] = n[to] ? 0 : l[x] % l[y];
                }
                case NEG_L -> {
                    n[to] = n[x];
                    l[to] = -l[x];
                }
                case ABS_L -> {
                    n[to] = n[x];
                    l[to] = l[x] < 0 ? -l[x] : l[x];
                }
                case ROUND_L -> {
                    n[to] = n[x];
                    l[to] = n[x] ? 0 : Rounding.round(l[x], (int) l[y]);
                }
                case WRAP_I -> {
                    n[to] = n[x];
                    l[to] = (int) l[x];
                }
                case EQ_D -> truth(f, to, d[x] == d[y], x, y);
                case NE_D -> truth(f, to, d[x] != d[y], x, y);
                case LT_D -> truth(f, to, d[x] < d[y], x, y);
                case LE_D -> truth(f, to, d[x] <= d[y], x, y);
                case EQ_L -> truth(f, to, l[x] == l[y], x, y);
                case NE_L -> truth(f, to, l[x] != l[y], x, y);
                case LT_L -> truth(f, to, l[x] < l[y], x, y);
                case LE_L -> truth(f, to, l[x] <= l[y], x, y);
                case EQ_S -> truth(f, to, Objects.equals(f.s[x], f.s[y]), x, y);
                case NE_S -> truth(f, to, !Objects.equals(f.s[x], f.s[y]), x, y);
                case AND -> {
                    boolean no = f.isFalse(x) || f.isFalse(y);
                    n[to] = !no && (n[x] || n[y]);
                    l[to] = no ? 0 : 1;
                }
                case OR -> {
                    boolean yes = f.isTrue(x) || f.isTrue(y);
                    n[to] = !yes && (n[x] || n[y]);
                    l[to] = yes ? 1 : 0;
                }
                case NOT -> {
                    n[to] = n[x];
                    l[to] = 1 - l[x];
                }
                case IS_NULL -> f.set(to, n[x]);
                case IS_NOT_NULL -> f.set(to, !n[x]);
                case IS_TRUE -> f.set(to, f.isTrue(x));
                case IS_NOT_TRUE -> f.set(to, !f.isTrue(x));
                case IS_FALSE -> f.set(to, f.isFalse(x));
                case IS_NOT_FALSE -> f.set(to, !f.isFalse(x));
                case CHOOSE -> f.move(to, f.isTrue(x) ? y : c[i]);
                case FIRST -> f.move(to, n[x] ? y : x);
                case L_TO_D -> {
                    n[to] = n[x];
                    d[to] = l[x];
                }
                case D_TO_L -> {
                    n[to] = n[x];
                    l[to] = (long) d[x];
                }
                case D_TO_I -> {
                    n[to] = n[x];
                    l[to] = (int) d[x];
                }
                case L_TO_B -> {
                    n[to] = n[x];
                    l[to] = l[x] == 0 ? 0 : 1;
                }
                case D_TO_B -> {
                    n[to] = n[x];
                    l[to] = d[x] == 0 ? 0 : 1;
                }
            }
        }
    }

    private static void truth(Frame f, int to, boolean value, int x, int y) {
        f.isNull[to] = f.isNull[x] || f.isNull[y];
        f.l[to] = value ? 1 : 0;
    }
}
