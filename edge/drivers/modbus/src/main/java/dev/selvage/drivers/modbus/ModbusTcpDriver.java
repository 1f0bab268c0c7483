package dev.selvage.drivers.modbus;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.devices.Driver;
import java.io.IOException;

/** Modbus TCP: the block {@code modbusTcp: {host, port, unit, timeout}} of a Device. */
@SuppressWarnings("DoNotCallSuggester")
public final class ModbusTcpDriver implements Driver {
    @Override
    public String protocol() {
        return "modbusTcp";
    }

    @Override
    public String endpoint(ObjectNode block) {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public Connection connect(ObjectNode block) throws IOException {
        throw new UnsupportedOperationException("not yet");
    }
}
