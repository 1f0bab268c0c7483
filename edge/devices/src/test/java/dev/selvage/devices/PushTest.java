package dev.selvage.devices;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Access.Result;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver whose devices tell changes by themselves, and one with a bug. */
@Timeout(30)
class PushTest {
    private static final ObjectNode DEVICE = Json.parseObject("""
            {"metadata": {"name": "d", "namespace": "ns", "uid": "u"}, "spec": {"model": "m", "interval": "1h",
             "modbusTcp": {"host": "h"}, "properties": [{"name": "a", "modbusTcp": {}}, {"name": "b", "modbusTcp": {}}]}}""");
    private static final Map<String, ObjectNode> MODELS = Map.of(
            "m",
            Json.parseObject(
                    "{\"metadata\": {\"name\": \"m\"}, \"spec\": {\"properties\": [{\"name\": \"a\"}, {\"name\": \"b\"}]}}"));

    @TempDir
    private Path dir;

    private final LinkedBlockingQueue<DeviceReading> readings = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<ObjectNode> statuses = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<Consumer<Map<String, Result>>> subscribers = new LinkedBlockingQueue<>();
    private volatile boolean buggy;
    private volatile boolean cannotConnect;

    private final class Fake implements Driver, Driver.Connection, Access {
        @Override
        public String protocol() {
            return "modbusTcp";
        }

        @Override
        public String endpoint(ObjectNode block) {
            return "h";
        }

        @Override
        public Connection connect(ObjectNode block) {
            if (cannotConnect) {
                throw new IllegalArgumentException("port out of range:70000");
            }
            return this;
        }

        @Override
        public Access access(List<Point> points) {
            return this;
        }

        @Override
        public Map<String, Result> read() {
            if (buggy) {
                throw new IllegalStateException("a bug");
            }
            return Map.of("a", new Result.Value(1.0), "b", new Result.Value(2.0));
        }

        @Override
        public Result read(String property) {
            return new Result.Failed("not asked for");
        }

        @Override
        public Object write(String property, Object value) {
            return value;
        }

        @Override
        public void subscribe(Consumer<Map<String, Result>> changes) {
            subscribers.add(changes);
        }

        @Override
        public void close() {}
    }

    private Devices open() throws Exception {
        DeviceListener listener = new DeviceListener() {
            @Override
            public void reading(DeviceReading reading) {
                readings.add(reading);
            }

            @Override
            public void status(ObjectKey key, String uid, ObjectNode status) {
                statuses.add(status);
            }
        };
        Devices devices =
                Devices.open(DevicesConfig.in(dir), List.of(new Fake()), (ns, stream) -> Optional.empty(), listener);
        devices.desired(List.of(DEVICE), MODELS);
        return devices;
    }

    @Test
    void whatTheDevicePushesIsAReadingWithWhatWasKnownOfTheRest() throws Exception {
        try (Devices devices = open()) {
            DeviceReading polled = readings.poll(10, TimeUnit.SECONDS);
            assertThat(polled).isNotNull();
            subscribers.take().accept(Map.of("b", new Result.Value(3.0)));
            DeviceReading pushed = readings.poll(10, TimeUnit.SECONDS);
            assertThat(pushed).isNotNull().satisfies(r -> assertThat(r.values()).isEqualTo(Map.of("a", 1.0, "b", 3.0)));
            assertThat(devices.twin("ns", "d")
                            .orElseThrow()
                            .at("/properties/b/value")
                            .asDouble())
                    .isEqualTo(3.0);
        }
    }

    @Test
    void aDriverThatThrowsWhenItConnectsIsMarkedAndTriedAgain() throws Exception {
        cannotConnect = true;
        try (Devices _ = open()) {
            ObjectNode status = statuses.poll(10, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            assertThat(status.at("/conditions/0/message").asText()).contains("port out of range");
            cannotConnect = false;
            assertThat(readings.poll(10, TimeUnit.SECONDS)).isNotNull();
        }
    }

    @Test
    void aDriverThatThrowsIsMarkedAndTriedAgain() throws Exception {
        buggy = true;
        try (Devices devices = open()) {
            ObjectNode status = statuses.poll(10, TimeUnit.SECONDS);
            assertThat(status).isNotNull();
            assertThat(status.at("/conditions/0/reason").asText()).isEqualTo("DriverFailed");
            buggy = false;
            assertThat(readings.poll(10, TimeUnit.SECONDS)).isNotNull();
            assertThat(devices.snapshot()).hasSize(1);
        }
    }
}
