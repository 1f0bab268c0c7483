package dev.selvage.sim.plant;

import java.util.Random;

/**
 * The physics of one cold room: air that heat enters through the walls and the open door, and that a compressor cools.
 *
 * <p>The time constants are chosen so that a hysteresis of 3 to 5 °C takes about 67 s a cycle with the door closed (duty
 * 40 %), about 75 s with the door open (duty 70 %), and so that the air moves less than half a degree in five seconds
 * whatever happens: a controller may be away that long without the room leaving 2.5 to 5.5 °C.
 *
 * <p>Not thread-safe: {@link Plant} guards it.
 */
final class ColdRoom {
    private static final double OUTDOOR_MEAN = 24.0;
    private static final double OUTDOOR_SWING = 1.5;
    private static final double OUTDOOR_PERIOD_SECONDS = 1200;
    private static final double WALL_SECONDS = 400;
    private static final double DOOR_SECONDS = 571;
    private static final double COOLING_PER_SECOND = 0.125;
    private static final double COMPRESSOR_LAG_SECONDS = 1.5;
    private static final double COMPRESSOR_WATTS = 1200;
    private static final double SENSOR_NOISE = 0.02;

    private final Random random;
    private double seconds;
    private double temperature = 4.2;
    private double cooling;
    private double wattSeconds;
    private double measured = 4.2;
    private boolean doorOpen;
    private boolean compressor;

    ColdRoom(long seed) {
        random = new Random(seed);
        seconds = random.nextDouble() * OUTDOOR_PERIOD_SECONDS;
    }

    /** Advances the room by {@code dt} seconds; meant for steps of at most 0.1 s. */
    void step(double dt) {
        seconds += dt;
        double outside = outdoor() - temperature;
        double heat = outside / WALL_SECONDS + (doorOpen ? outside / DOOR_SECONDS : 0);
        cooling += ((compressor ? 1 : 0) - cooling) * dt / COMPRESSOR_LAG_SECONDS;
        temperature += (heat - cooling * COOLING_PER_SECOND) * dt;
        wattSeconds += compressor ? COMPRESSOR_WATTS * dt : 0;
        measured = temperature + random.nextGaussian() * SENSOR_NOISE;
    }

    /** The true temperature of the air in °C. */
    double temperature() {
        return temperature;
    }

    /** What a working sensor shows: the truth with noise, in °C. */
    double measured() {
        return measured;
    }

    /** The air outside in °C; it swings slowly. */
    double outdoor() {
        return OUTDOOR_MEAN + OUTDOOR_SWING * Math.sin(2 * Math.PI * seconds / OUTDOOR_PERIOD_SECONDS);
    }

    /** Energy used since the start, in Wh. */
    long energy() {
        return (long) (wattSeconds / 3600);
    }

    boolean doorOpen() {
        return doorOpen;
    }

    void door(boolean open) {
        doorOpen = open;
    }

    boolean compressor() {
        return compressor;
    }

    void compressor(boolean on) {
        compressor = on;
    }
}
