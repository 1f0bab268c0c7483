package dev.selvage.streams;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Quality;
import dev.selvage.model.plan.Aggregate;
import dev.selvage.model.plan.Expr;
import dev.selvage.model.plan.Op;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.model.plan.Sink;
import dev.selvage.model.plan.Type;
import dev.selvage.model.plan.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How windows live and end (design, "Devices and streams"; issue 2, "The proof"): each once, cut ones marked, none lost. */
final class StreamsTest {
    private static final Expr TEMPERATURE = new Expr.Column("temperature", Type.DOUBLE);

    @TempDir
    Path directory;

    private final HandClock clock = new HandClock(100_000);
    private final RecordingSink sink = new RecordingSink();
    private final RecordingWriter writer = new RecordingWriter();
    private final List<String> states = new ArrayList<>();
    private final List<String> damaged = new ArrayList<>();

    @Test
    void a_window_that_was_seen_whole_is_complete_and_the_first_one_from_its_middle_is_partial() throws IOException {
        clock.millis = 104_000;
        try (Streams streams = open(sum())) {
            run(streams, 104_000, 125_000, 1_000);
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=6.0}", "a 110000-120000 {n=10.0}");
    }

    /** The reading of the last second before the crash is in no checkpoint: that is what partial says. */
    @Test
    void a_window_cut_by_a_crash_goes_on_partial_and_is_emitted_once() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 104_000, 1_000);
        clock.millis = 106_000;
        try (Streams streams = open(sum())) {
            run(streams, 106_000, 122_000, 1_000);
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=7.0}", "a 110000-120000 {n=10.0}");
    }

    @Test
    void a_window_that_ended_while_the_agent_was_down_is_emitted_partial_at_the_start() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 103_000, 1_000);
        clock.millis = 150_000;
        try (Streams streams = open(sum())) {
            streams.tick();
            assertThat(sink.texts()).containsExactly("a 100000-110000* {n=2.0}");
        }
    }

    @Test
    void a_window_opened_within_the_last_second_is_in_the_checkpoint_already() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 110_000, 1_000);
        crashed.accept(reading("a", 110_050, 1));
        clock.millis = 110_200;
        crashed.tick();
        clock.millis = 150_000;
        try (Streams streams = open(sum())) {
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=10.0}", "a 110000-120000* {n=1.0}");
    }

    /** A window is named (stream, key, end): a device's first reading begins one, whoever opened it. */
    @Test
    void a_device_that_joins_an_open_window_is_in_the_checkpoint_within_two_ticks() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 101_000, 1_000);
        clock.millis = 101_500;
        crashed.accept(reading("a", 101_500, 1));
        crashed.tick();
        crashed.accept(reading("b", 101_600, 1));
        clock.millis = 101_700;
        crashed.tick();
        clock.millis = 150_000;
        try (Streams streams = open(sum())) {
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=2.0}", "b 100000-110000* {n=1.0}");
    }

    /** Issue 3, fault 1: a window whose readings all lie in the last moment before the crash is missing, but not silently. */
    @Test
    void a_window_that_a_crash_swallowed_lies_in_a_gap_that_is_told() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 110_000, 1_000);
        clock.millis = 110_050;
        crashed.tick();
        crashed.accept(reading("a", 110_060, 1));
        clock.millis = 150_000;
        try (Streams streams = open(sum())) {
            streams.tick();
            assertThat(sink.gaps).as("before the devices are read again").isEmpty();
            clock.millis = 150_200;
            streams.resumed();
            streams.tick();
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=10.0}");
        assertThat(sink.gaps).containsExactly("shop 110050-150200");
    }

    @Test
    void a_crash_before_the_gap_was_told_makes_it_longer_and_one_after_it_another() throws IOException {
        Streams first = open(sum());
        first.tick();
        clock.millis = 105_000;
        Streams second = open(sum());
        second.tick();
        clock.millis = 107_000;
        Streams third = open(sum());
        third.resumed();
        third.tick();
        clock.millis = 109_000;
        third.tick();
        clock.millis = 115_000;
        try (Streams fourth = open(sum())) {
            fourth.resumed();
            fourth.tick();
        }
        assertThat(sink.gaps).containsExactly("shop 100000-107000", "shop 109000-115000");
    }

    @Test
    void a_gap_is_told_once_the_sink_takes_it_and_rows_that_wait_hold_the_mark() throws IOException {
        java.util.logging.Logger.getLogger(Streams.class.getName()).setLevel(java.util.logging.Level.OFF);
        Streams crashed = open(stream(
                "s", new Plan("cold-room", LabelSelector.EVERYTHING, new Sink.Uplink("live"), null, null, value("t"))));
        crashed.tick();
        sink.syncFails = true;
        crashed.accept(reading("a", 100_100, 1));
        clock.millis = 101_000;
        crashed.tick();
        clock.millis = 103_000;
        crashed.tick();
        clock.millis = 105_000;
        try (Streams streams = open(sum())) {
            streams.resumed();
            streams.tick();
            sink.syncFails = false;
            clock.millis = 106_000;
            streams.tick();
        }
        assertThat(sink.gaps).last().isEqualTo("shop 100000-106000");
    }

    @Test
    void a_device_that_does_not_answer_holds_up_the_gap_for_half_a_minute_at_most() throws IOException {
        Streams crashed = open(sum());
        crashed.tick();
        clock.millis = 105_000;
        try (Streams streams = open(sum())) {
            streams.tick();
            clock.millis = 134_900;
            streams.tick();
            assertThat(sink.gaps).isEmpty();
            clock.millis = 135_000;
            streams.tick();
        }
        assertThat(sink.gaps).containsExactly("shop 100000-135000");
    }

    @Test
    void a_crash_right_after_a_plan_has_changed_repeats_no_window() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 105_000, 1_000);
        crashed.desired(List.of(stream("s", count("m"))));
        clock.millis = 106_000;
        try (Streams streams = open(stream("s", count("m")))) {
            run(streams, 106_000, 121_500, 1_000);
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=4.0}", "a 110000-120000 {m=10.0}");
    }

    @Test
    void a_checkpoint_that_could_not_be_written_is_written_when_it_can() throws IOException {
        java.util.logging.Logger.getLogger(Streams.class.getName()).setLevel(java.util.logging.Level.OFF);
        Streams crashed = open(sum());
        crashed.tick();
        Path blocked = Files.createDirectories(directory.resolve("windows.new"));
        crashed.accept(reading("a", 100_000, 1));
        clock.millis = 101_500;
        crashed.tick();
        Files.delete(blocked);
        clock.millis = 103_000;
        crashed.tick();
        clock.millis = 150_000;
        try (Streams streams = open(sum())) {
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=1.0}");
    }

    @Test
    void what_reached_the_lanes_after_the_last_checkpoint_is_not_emitted_again() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 110_000, 1_000);
        byte[] before = Files.readAllBytes(directory.resolve("windows"));
        clock.millis = 111_500;
        crashed.tick();
        assertThat(sink.texts()).containsExactly("a 100000-110000 {n=10.0}");
        Files.write(directory.resolve("windows"), before);
        try (Streams streams = open(sum())) {
            run(streams, 112_000, 122_000, 1_000);
            streams.accept(reading("a", 109_000, 1));
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000 {n=10.0}", "a 110000-120000* {n=8.0}");
    }

    @Test
    void rows_stay_until_a_sync_succeeds_and_are_appended_once() throws IOException {
        try (Streams streams = open(sum())) {
            run(streams, 100_000, 110_000, 1_000);
            sink.syncFails = true;
            clock.millis = 111_500;
            streams.tick();
            streams.tick();
            assertThat(sink.rows).hasSize(1);
            sink.syncFails = false;
            streams.tick();
            assertThat(sink.synced).isEqualTo(1);
        }
    }

    @Test
    void rows_that_the_sink_refuses_are_offered_again_and_the_stream_says_so() throws IOException {
        try (Streams streams = open(sum())) {
            run(streams, 100_000, 110_000, 1_000);
            sink.refuses = true;
            clock.millis = 111_500;
            streams.tick();
            assertThat(states).last().asString().contains("Degraded the uplink does not take rows: the lane is full");
            sink.refuses = false;
            streams.tick();
            assertThat(sink.texts()).containsExactly("a 100000-110000 {n=10.0}");
            assertThat(states).last().asString().contains("Running");
        }
    }

    @Test
    void a_clock_that_leaps_ahead_and_falls_back_wedges_nothing_and_doubles_nothing() throws IOException {
        try (Streams streams = open(sum())) {
            run(streams, 100_000, 105_000, 1_000);
            run(streams, 3_700_000, 3_703_000, 1_000);
            run(streams, 106_000, 131_500, 1_000);
        }
        assertThat(sink.texts())
                .containsExactly(
                        "a 100000-110000* {n=5.0}",
                        "a 3700000-3710000* {n=3.0}",
                        "a 110000-120000 {n=10.0}",
                        "a 120000-130000 {n=10.0}");
    }

    @Test
    void a_reading_far_ahead_of_the_clock_is_dropped() throws IOException {
        try (Streams streams = open(sum())) {
            streams.accept(reading("a", 100_000, 1));
            streams.accept(reading("a", 900_000, 1));
            streams.accept(reading("a", 101_000, 1));
            assertThat(streams.snapshot().getFirst().dropped()).isEqualTo(1);
            clock.millis = 106_000;
            streams.tick();
            clock.millis = 111_000;
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000 {n=2.0}");
    }

    @Test
    void a_changed_plan_ends_the_windows_of_the_old_one_and_repeats_none_of_their_names() throws IOException {
        try (Streams streams = open(sum())) {
            run(streams, 100_000, 105_000, 1_000);
            streams.desired(List.of(stream("s", count("m"))));
            run(streams, 105_000, 121_500, 1_000);
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=5.0}", "a 110000-120000 {m=10.0}");
    }

    @Test
    void a_removed_stream_is_flushed_as_partial() throws IOException {
        try (Streams streams = open(sum())) {
            run(streams, 100_000, 105_000, 1_000);
            streams.desired(List.of());
            streams.tick();
            assertThat(streams.snapshot()).isEmpty();
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000* {n=5.0}");
    }

    @Test
    void a_plan_of_an_unknown_version_leaves_the_old_one_running_even_after_a_restart() throws IOException {
        ObjectNode newer = stream("s", count("m"));
        ((ObjectNode) newer.path("status").path("plan")).put("version", 2);
        Streams crashed = open(sum());
        crashed.desired(List.of(newer));
        assertThat(states)
                .last()
                .asString()
                .contains("PlanUnknown plan version 2, known is 1: the plan before it goes on");
        try (Streams streams = open(newer)) {
            run(streams, 100_000, 111_500, 1_000);
            assertThat(states).last().asString().contains("PlanUnknown");
        }
        assertThat(sink.texts()).containsExactly("a 100000-110000 {n=10.0}");
    }

    @Test
    void a_property_is_written_on_change_and_refreshed_below_its_fail_safe() throws IOException {
        Expr hot = new Expr.Call(Op.GT, Type.BOOLEAN, List.of(TEMPERATURE, new Expr.Literal(Type.DOUBLE, 5.0)));
        Plan plan = new Plan(
                "cold-room",
                LabelSelector.EVERYTHING,
                new Sink.Property(),
                null,
                null,
                List.of(new Plan.Output("compressor", hot)));
        try (Streams streams = open(stream("keep-cold", plan))) {
            for (int i = 0; i < 10; i++) {
                streams.accept(reading("a", 100_000 + i * 200L, i < 2 ? 4 : 6));
            }
            streams.accept(new DeviceReading("shop", "a", "cold-room", Map.of(), 103_000, Map.of(), Quality.BAD));
            assertThat(streams.inputs("shop", "keep-cold")).hasValue(java.util.Set.of("temperature"));
            writer.refusal = "no such property";
            streams.accept(reading("a", 104_000, 4));
            streams.tick();
        }
        assertThat(writer.writes)
                .containsExactly(
                        "a.compressor=false by stream/keep-cold until 102000",
                        "a.compressor=true by stream/keep-cold until 102400",
                        "a.compressor=false by stream/keep-cold until 106000");
        assertThat(states).last().asString().contains("Degraded property compressor of a: no such property");
    }

    @Test
    void a_stream_sees_only_devices_of_its_namespace_model_and_selector() throws IOException {
        Plan plan = new Plan(
                "cold-room", LabelSelector.parse("zone=north"), new Sink.Uplink("live"), null, null, value("t"));
        try (Streams streams = open(stream("s", plan))) {
            for (String[] one : new String[][] {
                {"shop", "a", "cold-room", "north"},
                {"shop", "b", "cold-room", "south"},
                {"bank", "c", "cold-room", "north"},
                {"shop", "d", "oven", "north"}
            }) {
                streams.accept(new DeviceReading(
                        one[0],
                        one[1],
                        one[2],
                        Map.of("zone", one[3]),
                        100_000,
                        Map.of("temperature", 1.0),
                        Quality.GOOD));
            }
            streams.tick();
        }
        assertThat(sink.texts()).containsExactly("a 100000-100000 {t=1.0}");
    }

    @Test
    void devices_beyond_the_bound_are_counted_and_others_go_on() throws IOException {
        try (Streams streams = open(sum())) {
            for (int i = 0; i < 150; i++) {
                streams.accept(reading("d" + i, 100_000, 1));
            }
            StreamSnapshot snapshot = streams.snapshot().getFirst();
            assertThat(snapshot.keys()).isEqualTo(100);
            assertThat(snapshot.dropped()).isEqualTo(50);
        }
    }

    @Test
    void a_damaged_checkpoint_is_set_aside_whatever_byte_is_wrong() throws IOException {
        Streams crashed = open(sum());
        run(crashed, 100_000, 104_000, 1_000);
        for (String name : List.of("windows", "plans")) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            for (int i = 0; i < whole.length; i++) {
                byte[] broken = whole.clone();
                broken[i] ^= (byte) (1 << (i % 8));
                setAside(name, broken);
            }
            for (int length = 0; length < whole.length; length++) {
                setAside(name, java.util.Arrays.copyOf(whole, length));
            }
        }
    }

    /** Told, kept under another name, a bounded number of them. */
    private void setAside(String name, byte[] broken) throws IOException {
        damaged.clear();
        Files.write(directory.resolve(name), broken);
        open(sum());
        assertThat(damaged)
                .singleElement()
                .asString()
                .contains(name + ": its checksum does not hold", name + ".damaged-");
        try (var files = Files.list(directory)) {
            List<Path> kept = files.filter(f -> f.getFileName().toString().startsWith(name + ".damaged-"))
                    .sorted()
                    .toList();
            assertThat(kept).hasSizeBetween(1, 3);
            assertThat(kept.getLast()).hasBinaryContent(broken);
        }
    }

    private Streams open(ObjectNode stream) throws IOException {
        Streams streams = Streams.open(Config.of(directory, clock), sink, writer, new StreamListener() {
            @Override
            public void state(ObjectKey key, String uid, StreamState state, String message) {
                states.add(key.name() + " " + state.label() + " " + message);
            }

            @Override
            public void damaged(String what) {
                damaged.add(what);
            }
        });
        streams.desired(List.of(stream));
        return streams;
    }

    /** One reading of device a each {@code step}, the clock with it. */
    private void run(Streams streams, long from, long to, long step) {
        for (long at = from; at < to; at += step) {
            clock.millis = at;
            streams.tick();
            streams.accept(reading("a", at, 1));
        }
        clock.millis = Math.max(clock.millis, to - step);
        streams.tick();
    }

    private static DeviceReading reading(String device, long at, double temperature) {
        return new DeviceReading(
                "shop", device, "cold-room", Map.of(), at, Map.of("temperature", temperature), Quality.GOOD);
    }

    private static ObjectNode sum() {
        return stream("s", count("n"));
    }

    private static Plan count(String name) {
        return new Plan(
                "cold-room",
                LabelSelector.EVERYTHING,
                new Sink.Uplink("live"),
                null,
                new Window(10_000, 0, List.of(new Aggregate(Aggregate.Function.COUNT, Type.BIGINT, TEMPERATURE)), null),
                List.of(new Plan.Output(name, new Expr.Result(0, Type.BIGINT))));
    }

    private static List<Plan.Output> value(String name) {
        return List.of(new Plan.Output(name, TEMPERATURE));
    }

    private static ObjectNode stream(String name, Plan plan) {
        ObjectNode stream = Json.parseObject("{\"metadata\": {\"namespace\": \"shop\", \"name\": \"" + name
                + "\", \"uid\": \"u\"}, \"status\": {}}");
        ((ObjectNode) stream.path("status")).set("plan", PlanCodec.write(plan));
        return stream;
    }
}
