package dev.selvage.control.frame;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.store.Selection;
import dev.selvage.store.Store;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upstream core/v1 Event: count, firstTimestamp, lastTimestamp; ours never floods. */
@Timeout(60)
class RecorderTest {
    private final Store store = Store.open(TestDatabase.create());
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");
    private final InstantSource source = () -> now;
    private final Clock clock = source.withZone(ZoneOffset.UTC);

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void repetitionsRaiseTheCountOfOneEventNowAndThen() {
        Recorder recorder = recorder();
        ObjectNode pod = pod("web");
        tell(recorder, pod, 5);
        assertThat(events())
                .singleElement()
                .satisfies(event -> assertThat(event.path("count").asInt()).isEqualTo(1));
        now = now.plusSeconds(11);
        tell(recorder, pod, 1);
        assertThat(events()).singleElement().satisfies(event -> {
            assertThat(event.path("count").asInt()).isEqualTo(6);
            assertThat(Json.textAt(event, "firstTimestamp")).isEqualTo("2026-11-21T12:00:00Z");
            assertThat(Json.textAt(event, "lastTimestamp")).isEqualTo("2026-11-21T12:00:11Z");
        });
        now = now.plusSeconds(11);
        tell(recorder, pod, 1);
        assertThat(events())
                .singleElement()
                .satisfies(event -> assertThat(event.path("count").asInt())
                        .as("the gap has doubled to 20 s")
                        .isEqualTo(6));
    }

    @Test
    void theNextLeaderGoesOnWithTheSameEvent() {
        ObjectNode pod = pod("web");
        tell(recorder(), pod, 1);
        tell(recorder(), pod, 1);
        assertThat(events())
                .singleElement()
                .satisfies(event -> assertThat(event.path("count").asInt()).isEqualTo(2));
    }

    @Test
    void aFloodIsCutAndCounted() {
        Recorder recorder = recorder();
        for (int i = 0; i < Recorder.BURST + 50; i++) {
            tell(recorder, pod("p" + i), 1);
        }
        assertThat(events()).hasSize(Recorder.BURST);
        assertThat(recorder.dropped()).isEqualTo(50);
        now = now.plus(Duration.ofSeconds(1));
        tell(recorder, pod("later"), 1);
        assertThat(events()).hasSize(Recorder.BURST + 1);
    }

    private Recorder recorder() {
        Informers none = new Informers(store.resources(), List.of());
        return new Recorder(new Writer(store.resources(), () -> true, none), clock, "tester");
    }

    private static void tell(Recorder recorder, ObjectNode about, int times) {
        for (int i = 0; i < times; i++) {
            recorder.record(about, Recorder.Type.WARNING, "FailedScheduling", "nowhere");
        }
    }

    private static ObjectNode pod(String name) {
        ObjectNode pod = Json.object().put("apiVersion", "v1").put("kind", "Pod");
        Meta.of(pod).put("namespace", "default").put("name", name).put("uid", "uid-of-" + name);
        return pod;
    }

    private List<ObjectNode> events() {
        return store.resources().list(Selection.all(Kinds.EVENT)).stream()
                .map(Stored::parse)
                .toList();
    }
}
