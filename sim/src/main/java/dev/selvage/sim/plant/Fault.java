package dev.selvage.sim.plant;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What can be made to go wrong in a room, by its name at the control door. */
enum Fault {
    /** The temperature register keeps the value it had. */
    SENSOR_STUCK("sensor-stuck"),
    /** The temperature register shows a broken wire: -32768, which is -327.68 °C. */
    SENSOR_LOST("sensor-lost"),
    /** The temperature register answers with exception 4, server device failure. */
    SENSOR_ERROR("sensor-error"),
    /** The compressor ignores writes of its coil, yet acknowledges them. */
    COMPRESSOR_STUCK("compressor-stuck"),
    /** Requests are accepted and never answered. */
    SILENT("silent"),
    /** The connection is closed at each request. */
    RESET("reset"),
    /** Answers come late, by the parameter {@code ms}. */
    SLOW("slow"),
    /** Each request is answered with exception 6, server device busy. */
    BUSY("busy");

    private final String label;

    Fault(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    static Optional<Fault> of(String label) {
        return Arrays.stream(values()).filter(f -> f.label.equals(label)).findFirst();
    }

    static String labels() {
        return Arrays.stream(values()).map(Fault::label).collect(Collectors.joining(", "));
    }
}
