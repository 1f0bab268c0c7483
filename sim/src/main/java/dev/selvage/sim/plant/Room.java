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

    /** Input registers: 0 temperature, 1 outdoor temperature (int16, 0.01 °C), 2 and 3 energy (uint32, Wh, high word first). */
    synchronized short[] inputRegisters() {
        long energy = physics.energy();
        return new short[] {
            temperatureRegister(), hundredths(physics.outdoor()), (short) (energy >>> 16), (short) energy
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
                "\"room\":%d,\"temperature\":%.3f,\"outdoor\":%.3f,\"door\":%b,\"compressor\":%b,\"energy\":%d,\"faults\":[%s]",
                unit,
                physics.temperature(),
                physics.outdoor(),
                physics.doorOpen(),
                physics.compressor(),
                physics.energy(),
                active);
    }
}
