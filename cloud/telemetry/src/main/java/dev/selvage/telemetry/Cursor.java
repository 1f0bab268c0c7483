package dev.selvage.telemetry;

/**
 * How far a lane is stored: every record of {@code epoch} below {@code nextSequence}.
 *
 * @param epoch grows when a node had to cut its lane's tail; 0 where nothing came yet
 */
public record Cursor(long epoch, long nextSequence) {
    public static final Cursor NONE = new Cursor(0, 0);
}
