package dev.selvage.sim.plant;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** A cold room with its faults and the values its registers show. Thread-safe. */
final class Room {
    /** What a register shows for a broken sensor wire. */
    static final short BROKEN = Short.MIN_VALUE;

    private record Active(long untilNanos, int millis) {}

    private final int unit;
    private final ColdRoom physics;
    private final Map<Fault, Active> faults = new EnumMap<>(Fault.class);
    private short stuckAt;
    private int setpoint;
    /** Begins where no earlier life of the plant can have come: a tenth of a second each is more than anybody polls. */
    private int answers = (int) (System.currentTimeMillis() / 100 & Integer.MAX_VALUE);

    Room(int unit, long seed) {
        this.unit = unit;
        physics = new ColdRoom(seed);
    }

    int unit() {
        return unit;
    }

    synchronized void step(double seconds) {
        physics.step(seconds);
    }

    /** Makes a fault active; a zero duration lasts until it is cleared. */
    synchronized void fault(Fault fault, Duration duration, int millis) {
        stuckAt = hundredths(physics.measured());
        long until = duration.isZero() ? Long.MAX_VALUE : System.nanoTime() + duration.toNanos();
        faults.put(fault, new Active(until, millis));
    }

    synchronized void clear() {
        faults.clear();
    }

    /** The controller's power goes and comes back: its outputs and its faults are gone, the room's air stays. */
    synchronized void restart() {
        faults.clear();
        physics.compressor(false);
        setpoint = 0;
    }

    synchronized boolean has(Fault fault) {
        Active active = faults.get(fault);
        if (active != null && active.untilNanos != Long.MAX_VALUE && System.nanoTime() - active.untilNanos >= 0) {
            faults.remove(fault);
            return false;
        }
        return active != null;
    }

    synchronized int slowMillis() {
        Active active = faults.get(Fault.SLOW);
        return has(Fault.SLOW) && active != null ? active.millis : 0;
    }

    /**
     * Input registers: 0 temperature, 1 outdoor temperature (int16, 0.01 °C), 2 and 3 energy (uint32, Wh, high word first), 4 and 5
     * the number of this answer (uint32).
     */
    synchronized short[] inputRegisters() {
        long energy = physics.energy();
        int number = answers++;
        return new short[] {
            temperatureRegister(),
            hundredths(physics.outdoor()),
            (short) (energy >>> 16),
            (short) energy,
            (short) (number >>> 16),
            (short) number
        };
    }

    private short temperatureRegister() {
        if (has(Fault.SENSOR_LOST)) {
            return BROKEN;
        }
        return has(Fault.SENSOR_STUCK) ? stuckAt : hundredths(physics.measured());
    }

    private static short hundredths(double celsius) {
        return (short) Math.round(celsius * 100);
    }

    synchronized boolean doorOpen() {
        return physics.doorOpen();
    }

    synchronized void door(boolean open) {
        physics.door(open);
    }

    synchronized boolean compressor() {
        return physics.compressor();
    }

    synchronized void writeCompressor(boolean on) {
        if (!has(Fault.COMPRESSOR_STUCK)) {
            physics.compressor(on);
        }
    }

    /** Holding register 0, a number that the controller only keeps. */
    synchronized int setpoint() {
        return setpoint;
    }

    synchronized void setpoint(int value) {
        setpoint = value;
    }

    /** The truth as fields of a JSON object, without its braces. */
    synchronized String json() {
        StringBuilder active = new StringBuilder();
        for (Fault fault : Fault.values()) {
            if (has(fault)) {
                active.append(active.isEmpty() ? "" : ",")
                        .append('"')
                        .append(fault.label())
                        .append('"');
            }
        }
        return String.format(
                Locale.ROOT,
                "\"room\":%d,\"temperature\":%.3f,\"outdoor\":%.3f,\"door\":%b,\"compressor\":%b,\"setpoint\":%d,\"energy\":%d,\"faults\":[%s]",
                unit,
                physics.temperature(),
                physics.outdoor(),
                physics.doorOpen(),
                physics.compressor(),
                setpoint,
                physics.energy(),
                active);
    }
}
