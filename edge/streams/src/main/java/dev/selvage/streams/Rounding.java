package dev.selvage.streams;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Half away from zero on the decimal form of a number, as Flink's ROUND (SqlFunctionUtils.sround). */
final class Rounding {
    private Rounding() {}

    static double round(double value, int digits) {
        if (!Double.isFinite(value)) {
            return value;
        }
        if (digits == 0) {
            double size = Math.abs(value);
            double floor = Math.floor(size);
            return Math.copySign(size - floor >= 0.5 ? floor + 1 : floor, value);
        }
        if (digits > 340) {
            return value;
        }
        return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).doubleValue();
    }

    static long round(long value, int digits) {
        if (digits >= 0) {
            return value;
        }
        return digits < -19
                ? 0
                : BigDecimal.valueOf(value)
                        .setScale(digits, RoundingMode.HALF_UP)
                        .longValue();
    }
}
