package dev.selvage.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.model.Json;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The frame of the benches; what they measure is no test's business. */
class ReportTest {
    private static final Machine MACHINE = new Machine(2, 8_192, "a cpu", "6.1", 0.5);
    private static final Report REPORT = new Report(List.of(
            Figure.of("start", 120.4, "ms", 100, "p99", "one at a time").atMost(100),
            Figure.of("rate", 250_000, "1/s", 1, "mean", "closed loop").atLeast(100_000),
            Figure.of("raw", 0.123, "s", 3, "worst", "beside")));

    @Test
    void theTableIsAlignedAndSaysWhichGoalsAreMissed() {
        assertThat(REPORT.table("deploy", MACHINE)).isEqualTo("""
                deploy on 2 cores, 8,192 MiB, a cpu, Linux 6.1, load 0.50 at start

                FIGURE    VALUE  UNIT  GOAL                 STATISTIC  SAMPLES  LOAD
                start       120  ms    max 100      MISSED  p99            100  one at a time
                rate    250,000  1/s   min 100,000  met     mean             1  closed loop
                raw       0.123  s                          worst            3  beside

                1 goal is missed.
                """);
    }

    @Test
    void theJsonIsOneLineWithBenchMachineAndFigures() {
        String text = Json.text(REPORT.json("deploy", MACHINE));
        assertThat(text).doesNotContain("\n");
        var json = Json.parseObject(text);
        assertThat(json.path("bench").asText()).isEqualTo("deploy");
        assertThat(json.at("/machine/cores").asInt()).isEqualTo(2);
        assertThat(json.at("/figures/0/value").asDouble()).isEqualTo(120.4);
        assertThat(json.at("/figures/0/goal/max").asDouble()).isEqualTo(100);
        assertThat(json.at("/figures/1/goal/min").asDouble()).isEqualTo(100_000);
        assertThat(json.at("/figures/2").has("goal")).isFalse();
    }

    @Test
    void percentilesAreThoseOfTheNearestRank() {
        Samples samples = new Samples();
        LongStream.rangeClosed(1, 200).forEach(i -> samples.add(i * 1_000_000));
        assertThat(samples.millis(50)).isEqualTo(100);
        assertThat(samples.millis(99)).isEqualTo(198);
        assertThat(samples.millis(100)).isEqualTo(200);
        assertThat(samples.from(199).millis(50)).isEqualTo(200);
    }

    @Test
    void aFigureWithoutMeasurementsIsRefused() {
        assertThatThrownBy(() -> Figure.of("start", 0, "ms", 0, "p99", "")).hasMessageContaining("start: found 0");
        assertThatThrownBy(() -> Figure.of("ratio", Double.NaN, "", 1, "", ""))
                .hasMessageContaining("ratio: found NaN");
        assertThatThrownBy(() -> new Samples().millis(50)).hasMessage("nothing was measured");
    }

    @Test
    void theListNamesEachBench() {
        assertThat(Main.listing().lines())
                .hasSize(13)
                .anyMatch(line -> line.startsWith("  stream      events per second"));
    }
}
