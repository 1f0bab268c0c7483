package dev.selvage.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Spec: design "Telemetry": compressed chunks. */
class PointCodecTest {
    @Test
    void whateverPointsGoInComeOut() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<Raw> points = new ArrayList<>();
            long end = random.nextLong(1L << 45);
            int count = random.nextInt(50);
            for (int i = 0; i < count; i++) {
                end += 1 + random.nextLong(random.nextBoolean() ? 10 : 1L << 40);
                double value = switch (random.nextInt(4)) {
                    case 0 -> 0.0;
                    case 1 -> -0.0;
                    case 2 -> random.nextGaussian();
                    default -> Double.longBitsToDouble(random.nextLong() & ~(1L << 62));
                };
                points.add(new Raw(end - random.nextLong(20_000), end, value, random.nextBoolean()));
            }
            assertThat(roundTrip(points)).isEqualTo(points);
        }
    }

    @Test
    void aSteadySeriesCostsFewBytesAPoint() {
        Random random = new Random(1);
        List<Raw> points = new ArrayList<>();
        for (int i = 0; i < 720; i++) {
            long end = 1_700_000_000_000L + i * 10_000L;
            points.add(new Raw(end - 10_000, end, 4 + Math.round(random.nextGaussian() * 10) / 100.0, false));
        }
        assertThat(encode(points).length).isLessThan(720 * 7); // 24 bytes a point otherwise
    }

    @Test
    void damageIsAnErrorAndNotEndlessMemory() {
        byte[] good = encode(List.of(new Raw(1, 2, 3.5, false)));
        Random random = new Random(3);
        for (int round = 0; round < 2000; round++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            try {
                assertThat(Block.decode(bad).points().size()).isLessThan(1000);
            } catch (IllegalArgumentException | java.nio.BufferUnderflowException | ArithmeticException e) {
                assertThat(e).isNotNull();
            }
        }
        assertThatThrownBy(() -> Block.decode(new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void ofTwoWindowsWithOneEndTheWholeOneStays() {
        Raw partial = new Raw(5, 10, 1, true);
        Raw whole = new Raw(0, 10, 2, false);
        assertThat(Raw.distinct(List.of(partial, whole))).containsExactly(whole);
        assertThat(Raw.distinct(List.of(whole, partial))).containsExactly(whole);
    }

    private static byte[] encode(List<Raw> points) {
        return Block.of(Map.of(1L, points)).encode();
    }

    private static List<Raw> roundTrip(List<Raw> points) {
        return Block.decode(encode(points)).points().getOrDefault(1L, List.of());
    }
}
