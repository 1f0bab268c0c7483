package dev.selvage.control;

import static dev.selvage.control.Centre.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Store;
import dev.selvage.store.StoreConfig;
import dev.selvage.store.Stored;
import dev.selvage.testing.TestDatabase;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several servers on one database: one acts, and when it goes another goes on with its work. */
@Timeout(60)
class TakeoverTest {
    @Test
    void thePodThatComesAfterTheLeaderHasGoneIsBoundByTheNext() {
        StoreConfig database = TestDatabase.create();
        try (Store one = Store.open(database);
                Store two = Store.open(database);
                Controllers second = controllers(two)) {
            create(one, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"default\"}}");
            create(one, """
                    {"apiVersion":"v1","kind":"Node","metadata":{"name":"edge-1","labels":{"runtime.selvage.dev/process":"true"}},
                     "status":{"allocatable":{"cpu":"2","memory":"1Gi"},"conditions":[{"type":"Ready","status":"True"}]}}""");
            try (Controllers first = controllers(one)) {
                first.start();
                eventually(() -> assertThat(first.leads()).isTrue());
                second.start();
                pod(one, "before");
                eventually(() -> assertThat(nodeOf(one, "before")).isEqualTo("edge-1"));
                assertThat(second.leads()).isFalse();
            }
            pod(two, "after");
            eventually(() -> assertThat(nodeOf(two, "after")).isEqualTo("edge-1"));
            assertThat(second.leads()).isTrue();
        }
    }

    private static Controllers controllers(Store store) {
        ControlConfig config =
                new ControlConfig(Duration.ofSeconds(10), Centre.FAST, Duration.ofMinutes(10), ControlConfig.JOBS);
        return new Controllers(store.resources(), store.leases(), store.dataSource(), config, Clock.systemUTC());
    }

    private static void pod(Store store, String name) {
        create(store, """
                {"apiVersion":"v1","kind":"Pod","metadata":{"namespace":"default","name":"%s"},
                 "spec":{"runtimeClassName":"process","containers":[{"name":"c","image":"host"}]}}""".formatted(name));
    }

    private static void create(Store store, String json) {
        ObjectNode object = Json.parseObject(json);
        assertThat(store.resources().create(object).succeeded())
                .as(Meta.name(object))
                .isTrue();
    }

    private static String nodeOf(Store store, String pod) {
        return store.resources()
                .get(ObjectKey.of(Kinds.POD, "default", pod))
                .map(Stored::parse)
                .map(object -> Json.textAt(object, "spec", "nodeName"))
                .orElse("");
    }
}
