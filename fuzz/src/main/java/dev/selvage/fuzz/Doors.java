package dev.selvage.fuzz;

import java.nio.file.Path;
import java.util.List;

/** Every door, by the name that a finding is reported under. */
public final class Doors {
    /** Those in this process. */
    public static final List<String> INSIDE = List.of("frames", "sql", "modbus", "lanes", "streams", "node");
    /** Those of a running installation. */
    public static final List<String> OUTSIDE = List.of("api", "hub", "loopback");

    private Doors() {}

    /**
     * Opens a door in this process.
     *
     * @param root the checkout
     * @param work a directory for the door's files
     */
    public static Door inside(String name, Path root, Path work) throws Exception {
        return switch (name) {
            case "frames" -> new FramesDoor();
            case "sql" -> new SqlDoor(root);
            case "modbus" -> new ModbusDoor();
            case "lanes" -> new LanesDoor(work);
            case "streams" -> new StreamsDoor(work);
            case "node" -> new NodeDoor(work);
            default -> throw unknown(name);
        };
    }

    /** Opens a door of an installation. */
    public static Door outside(String name, Installed installed, Path work) throws Exception {
        return switch (name) {
            case "api" -> new ApiDoor(installed);
            case "hub" -> new HubDoor(installed, work);
            case "loopback" -> new LoopbackDoor(installed);
            default -> throw unknown(name);
        };
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException("door: found \"" + name + "\", accepted are " + INSIDE + " and " + OUTSIDE);
    }
}
