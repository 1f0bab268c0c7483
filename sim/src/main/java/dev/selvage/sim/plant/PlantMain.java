package dev.selvage.sim.plant;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/** {@code plant --modbus-port 5020 --control-port 5021 --log plant.log --seed 1 --rooms 1}: runs until it is stopped. */
public final class PlantMain {
    private static final Set<String> OPTIONS = Set.of("modbus-port", "control-port", "log", "seed", "rooms");

    private PlantMain() {}

    public static void main(String[] args) throws InterruptedException {
        Plant plant;
        Plant.Options options;
        try {
            options = parse(args);
            plant = Plant.start(options);
        } catch (IllegalArgumentException | IOException e) {
            String reason = e.getCause() == null ? "" : ": " + e.getCause().getMessage();
            System.err.println("plant: " + e.getMessage() + reason);
            System.exit(e instanceof IOException ? 1 : 2);
            return;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                plant.close();
            } catch (IOException e) {
                System.err.println("plant: " + e.getMessage());
            }
            stopped.countDown();
        }));
        System.out.printf(
                "plant ready: %d room(s), Modbus TCP 127.0.0.1:%d, control http://127.0.0.1:%d, log %s%n",
                options.rooms(), options.modbusPort(), options.controlPort(), options.log());
        stopped.await();
    }

    static Plant.Options parse(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : "";
            if (!OPTIONS.contains(name)) {
                throw new IllegalArgumentException("option: found " + args[i]
                        + ", accepted --modbus-port, --control-port, --log, --seed, --rooms");
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + ": found nothing, accepted a value");
            }
            given.put(name, args[i + 1]);
        }
        return new Plant.Options(
                (int) number(given, "modbus-port", 5020, 65535),
                (int) number(given, "control-port", 5021, 65535),
                Path.of(given.getOrDefault("log", "plant.log")),
                number(given, "seed", 1, Long.MAX_VALUE),
                (int) number(given, "rooms", 1, 247));
    }

    private static long number(Map<String, String> given, String name, long otherwise, long most) {
        String text = given.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("--" + name + ": found " + text + ", accepted 0 to " + most);
    }
}
