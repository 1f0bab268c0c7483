package dev.selvage.sim.plant;

import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.tcp.server.NettyServerTransportConfig;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;

/** A running plant: its rooms in real time, its Modbus server and control door on loopback, and its log. */
public final class Plant implements AutoCloseable {
    /** Where a plant listens and writes; all ports are on loopback. */
    public record Options(int modbusPort, int controlPort, Path log, long seed, int rooms) {
        public Options {
            if (rooms < 1 || rooms > 247) {
                throw new IllegalArgumentException("rooms: found " + rooms + ", accepted 1 to 247 (Modbus unit ids)");
            }
        }
    }

    /** The Modbus library logs a stack trace for each connection that the fault {@code reset} closes; held, so that it stays off. */
    private static final Logger LIBRARY = Logger.getLogger("com.digitalpetri.modbus");

    static {
        LIBRARY.setLevel(Level.OFF);
    }

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int STEPS_PER_LINE = 4;
    private static final long LOG_LIMIT = 32L << 20;

    private final List<Room> rooms;
    private final PlantLog log;
    private final ModbusTcpServer server;
    private final ControlDoor control;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread clock;

    private Plant(Options options) throws IOException {
        rooms = IntStream.rangeClosed(1, options.rooms())
                .mapToObj(unit -> new Room(unit, options.seed() + unit))
                .toList();
        log = new PlantLog(options.log(), LOG_LIMIT);
        server = ModbusTcpServer.create(
                NettyTcpServerTransport.create((NettyServerTransportConfig.Builder transport) ->
                        transport.setBindAddress("127.0.0.1").setPort(options.modbusPort())),
                new ModbusDoor(this));
        control = new ControlDoor(this, options.controlPort());
        clock = Thread.ofPlatform().name("plant-clock").daemon(true).unstarted(this::run);
    }

    /** Starts a plant, which answers when this returns. */
    public static Plant start(Options options) throws IOException {
        Plant plant = new Plant(options);
        try {
            plant.server.start();
        } catch (ExecutionException e) {
            plant.close();
            throw new IOException("cannot listen for Modbus on 127.0.0.1:" + options.modbusPort(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting", e);
        }
        plant.control.start();
        plant.clock.start();
        return plant;
    }

    Optional<Room> room(int unit) {
        return unit >= 1 && unit <= rooms.size() ? Optional.of(rooms.get(unit - 1)) : Optional.empty();
    }

    List<Room> rooms() {
        return rooms;
    }

    void writeCompressor(Room room, boolean on) {
        room.writeCompressor(on);
        note(room, "\"write\":\"compressor\",\"value\":" + on);
    }

    void writeSetpoint(Room room, int value) {
        room.setpoint(value);
        note(room, "\"write\":\"setpoint\",\"value\":" + value);
    }

    /** All input registers were shown to a client. */
    void read(Room room, int answer) {
        note(room, "\"read\":" + answer);
    }

    /** Adds a line about a room to the log. */
    void note(Room room, String fields) {
        log.write(System.currentTimeMillis(), "\"room\":" + room.unit() + "," + fields);
    }

    /** Real time in fixed steps; after a stall (a suspended machine) time lost beyond a second stays lost. */
    private void run() {
        long due = System.nanoTime();
        for (long step = 0; ; step++) {
            due = Math.max(due + STEP_NANOS, System.nanoTime() - TimeUnit.SECONDS.toNanos(1));
            try {
                if (stop.await(due - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            }
            rooms.forEach(room -> room.step(STEP_NANOS / 1e9));
            if (step % STEPS_PER_LINE == 0) {
                long now = System.currentTimeMillis();
                rooms.forEach(room -> log.write(now, room.json()));
            }
        }
    }

    @Override
    public void close() throws IOException {
        stop.countDown();
        control.close();
        try {
            server.stop();
            if (clock.isAlive()) {
                clock.join();
            }
        } catch (ExecutionException e) {
            throw new IOException("cannot stop the Modbus server", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            log.close();
        }
    }
}
