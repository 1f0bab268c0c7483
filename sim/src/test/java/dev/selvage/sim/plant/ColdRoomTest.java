package dev.selvage.sim.plant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The physics that first-light and the whole-system proof stand on (issue 2, examples/first-light). */
class ColdRoomTest {
    private static final double STEP = 0.05;

    /** What the hysteresis of 3 to 5 °C, polled every 200 ms from the noisy sensor, makes of half an hour. */
    private record Run(DoubleSummaryStatistics air, List<Double> cycles, double duty) {
        static Run of(boolean doorOpen, long seed) {
            ColdRoom room = new ColdRoom(seed);
            room.door(doorOpen);
            DoubleSummaryStatistics air = new DoubleSummaryStatistics();
            List<Double> starts = new ArrayList<>();
            int on = 0;
            int steps = (int) (1800 / STEP);
            for (int i = 0; i < steps; i++) {
                room.step(STEP);
                air.accept(room.temperature());
                if (i % 4 == 0) {
                    boolean before = room.compressor();
                    room.compressor(room.measured() > 5 || (before && room.measured() >= 3));
                    if (!before && room.compressor()) {
                        starts.add(i * STEP);
                    }
                }
                on += room.compressor() ? 1 : 0;
            }
            List<Double> cycles = new ArrayList<>();
            for (int i = 1; i < starts.size(); i++) {
                cycles.add(starts.get(i) - starts.get(i - 1));
            }
            return new Run(air, cycles, (double) on / steps);
        }
    }

    @Test
    void hysteresisKeepsTheAirWithinHalfADegreeWithTheDoorClosedOrOpen() {
        for (long seed = 1; seed <= 20; seed++) {
            for (boolean open : new boolean[] {false, true}) {
                Run run = Run.of(open, seed);
                assertThat(run.air.getMin()).as("coldest, seed %d", seed).isBetween(2.6, 3.1);
                assertThat(run.air.getMax()).as("warmest, seed %d", seed).isBetween(4.9, 5.4);
            }
        }
    }

    @Test
    void aPersonCanWatchAFullCycleAndSeesTheOpenDoorInTheDutyCycle() {
        Run closed = Run.of(false, 1);
        Run open = Run.of(true, 1);
        assertThat(closed.cycles).allSatisfy(seconds -> assertThat(seconds).isBetween(40.0, 95.0));
        assertThat(open.cycles).allSatisfy(seconds -> assertThat(seconds).isBetween(40.0, 95.0));
        assertThat(closed.duty).isBetween(0.3, 0.5);
        assertThat(open.duty).isGreaterThan(closed.duty + 0.2);
    }

    @Test
    void theAirMovesLessThanHalfADegreeInFiveSecondsWhateverHappens() {
        ColdRoom warming = new ColdRoom(1);
        warming.door(true);
        ColdRoom cooling = new ColdRoom(1);
        cooling.compressor(true);
        for (int i = 0; i < 5 / STEP; i++) {
            warming.step(STEP);
            cooling.step(STEP);
        }
        assertThat(warming.temperature() - 4.2).isBetween(0.3, 0.5);
        assertThat(4.2 - cooling.temperature()).isBetween(0.2, 0.5);
    }
}
