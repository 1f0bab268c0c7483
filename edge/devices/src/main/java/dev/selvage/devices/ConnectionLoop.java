package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a connection, with the devices behind it: connects, polls what is due, carries writes out, and after a
 * failure backs off without holding up any other connection.
 */
final class ConnectionLoop implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ConnectionLoop.class.getName());
    private static final long CLOSE_MILLIS = 2000;

    private final String endpoint;
    private final Driver driver;
    private final Backoff backoff;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile ObjectNode block;
    private volatile List<DeviceRun> runs = List.of();
    private volatile boolean stopped;

    // Of the thread alone:
    private Driver.@Nullable Connection connection;
    private ObjectNode connectedBy;
    private long attemptAt = System.nanoTime();

    ConnectionLoop(String endpoint, Driver driver, ObjectNode block, DevicesConfig config) {
        this.endpoint = endpoint;
        this.driver = driver;
        this.block = block;
        connectedBy = block;
        backoff = new Backoff(config.firstRetry(), config.lastRetry(), ThreadLocalRandom.current());
        thread = Thread.ofVirtual().name("device " + endpoint).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The devices behind this connection from now on; the first one's block says how to connect. */
    void serve(List<DeviceRun> devices, ObjectNode connectBy) {
        runs = List.copyOf(devices);
        block = connectBy;
        wake();
    }

    void wake() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    private void run() {
        try {
            while (!stopped) {
                turn(runs);
                await();
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.DEBUG, "stopped {0}", endpoint);
        } finally {
            disconnect();
        }
    }

    private void turn(List<DeviceRun> devices) {
        if (connection != null && !connectedBy.equals(block)) {
            disconnect();
        }
        if (connection == null && System.nanoTime() - attemptAt >= 0) {
            connect(devices);
        }
        Driver.Connection open = connection;
        if (open != null) {
            try {
                for (DeviceRun device : devices) {
                    serve(device, open);
                }
            } catch (IOException e) {
                disconnect();
                failed(devices, "NoAnswer", String.valueOf(e.getMessage()));
            } catch (RuntimeException | Error e) {
                driverFailed(devices, e);
            }
        }
        devices.forEach(DeviceRun::tick);
    }

    private void serve(DeviceRun device, Driver.Connection open) throws IOException {
        device.bind(open);
        device.executeWrites();
        if (System.nanoTime() - device.due() >= 0) {
            device.poll();
            backoff.succeeded();
            device.executeWrites(); // what a control loop made of the reading
        }
    }

    private void connect(List<DeviceRun> devices) {
        connectedBy = block;
        try {
            connection = driver.connect(connectedBy);
        } catch (IOException e) {
            failed(devices, "Unreachable", String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            driverFailed(devices, e);
        }
    }

    private void driverFailed(List<DeviceRun> devices, Throwable e) {
        LOG.log(System.Logger.Level.ERROR, "the driver of " + endpoint + " failed", e);
        disconnect();
        failed(devices, "DriverFailed", e.toString());
    }

    private void failed(List<DeviceRun> devices, String reason, String why) {
        long pause = backoff.failed();
        attemptAt = System.nanoTime() + pause;
        if (backoff.failures() == 1) {
            devices.forEach(device -> device.twin().doubt(why));
        } else {
            devices.forEach(device -> device.twin().lost(reason, why));
        }
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
    }

    private void await() throws InterruptedException {
        long now = System.nanoTime();
        long next = connection == null ? attemptAt : Long.MAX_VALUE;
        for (DeviceRun device : runs) {
            boolean soon = connection != null && device.twin().hasPendingWrite();
            next = Math.min(next, soon ? now : device.twin().nextTick(now));
            if (connection != null) {
                next = Math.min(next, device.due());
            }
        }
        if (wake.tryAcquire(Math.max(0, next - now), TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }

    /** Asks the thread to end; {@link #close} waits for it. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    @Override
    public void close() {
        stop();
        try {
            if (!thread.join(java.time.Duration.ofMillis(CLOSE_MILLIS))) {
                LOG.log(System.Logger.Level.WARNING, "{0} did not stop within {1} ms", endpoint, CLOSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
