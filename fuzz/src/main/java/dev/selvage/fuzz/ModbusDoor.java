package dev.selvage.fuzz;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Access;
import dev.selvage.devices.Driver;
import dev.selvage.devices.Point;
import dev.selvage.drivers.modbus.ModbusTcpDriver;
import dev.selvage.model.Json;
import dev.selvage.model.PropertyType;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The Modbus driver before a device that answers anything: no value is accepted but one that the protocol vouches for, and no call outlasts its timeout. */
public final class ModbusDoor implements Door {
    private static final long TIMEOUT_MILLIS = 150;
    private static final List<Point> POINTS = List.of(
            point("word", PropertyType.INTEGER, "holding", 10, "uint16"),
            point("long", PropertyType.INTEGER, "holding", 11, "uint32"),
            point("real", PropertyType.NUMBER, "input", 3, "float32"),
            point("bit", PropertyType.BOOLEAN, "coil", 7, ""),
            point("flag", PropertyType.BOOLEAN, "discrete", 0, ""));

    private final ModbusTcpDriver driver = new ModbusTcpDriver();
    private final LyingDevice device = new LyingDevice();
    private final int threads = Thread.activeCount();

    public ModbusDoor() throws IOException {}

    private static Point point(String name, PropertyType type, String table, int address, String as) {
        ObjectNode block = Json.object().put("table", table).put("address", address);
        if (!as.isEmpty()) {
            block.put("type", as);
        }
        return new Point(name, type, block);
    }

    @Override
    public String name() {
        return "modbus";
    }

    @Override
    public Duration patience() {
        return Duration.ofSeconds(10);
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        device.next(draw);
        ObjectNode block = Json.object()
                .put("host", "127.0.0.1")
                .put("port", device.port())
                .put("unit", LyingDevice.UNIT)
                .put("timeout", TIMEOUT_MILLIS + "ms");
        String end;
        try (Driver.Connection connection = driver.connect(block)) {
            Access access = connection.access(POINTS);
            end = draw.chance(75) ? read(access) : write(draw, access);
        } catch (IOException e) {
            if (e.getMessage() == null || e.getMessage().isEmpty()) {
                throw new BrokenException("a failure without a reason: " + e);
            }
            end = "refused";
        } finally {
            device.done();
            draw.sent(device.said());
        }
        if (Thread.activeCount() > threads + 20) {
            throw new BrokenException("threads are left behind: " + Thread.activeCount());
        }
        return end;
    }

    private String read(Access access) throws IOException, BrokenException {
        Map<String, Access.Result> results = access.read();
        int values = 0;
        for (Map.Entry<String, Access.Result> result : results.entrySet()) {
            if (result.getValue() instanceof Access.Result.Value(Object value)) {
                values++;
                if (!device.vouchesFor(result.getKey(), value)) {
                    throw new BrokenException(result.getKey() + " = " + value + ", which no valid answer said");
                }
            }
        }
        return values == 0 ? "failed" : "values";
    }

    private String write(Draw draw, Access access) throws IOException, BrokenException {
        try {
            access.write("word", (long) draw.below(65_536));
        } catch (IOException refusal) {
            return "write refused";
        }
        if (!device.echoed()) {
            throw new BrokenException("a write was taken for confirmed that nothing confirmed");
        }
        return "written";
    }

    @Override
    public void close() throws IOException {
        device.close();
    }
}
