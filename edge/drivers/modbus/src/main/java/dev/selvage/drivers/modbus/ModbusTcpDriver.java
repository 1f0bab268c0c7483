package dev.selvage.drivers.modbus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Driver;
import dev.selvage.model.Durations;
import dev.selvage.model.Json;
import java.io.IOException;
import java.time.Duration;

/** Modbus TCP: the block {@code modbusTcp: {host, port, unit, timeout}} of a Device. */
public final class ModbusTcpDriver implements Driver {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    @Override
    public String protocol() {
        return "modbusTcp";
    }

    @Override
    public String endpoint(ObjectNode block) {
        return host(block) + ":" + port(block) + ":" + unit(block);
    }

    @Override
    public Connection connect(ObjectNode block) throws IOException {
        Duration timeout = Durations.parse(Json.textAt(block, "timeout"), DEFAULT_TIMEOUT);
        return ModbusConnection.open(host(block), port(block), unit(block), timeout);
    }

    private static String host(ObjectNode block) {
        return Json.textAt(block, "host");
    }

    private static int port(ObjectNode block) {
        return block.path("port").asInt(502);
    }

    private static int unit(ObjectNode block) {
        return block.path("unit").asInt(1);
    }
}
