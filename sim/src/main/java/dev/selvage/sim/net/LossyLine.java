package dev.selvage.sim.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A line between this machine and a network namespace of its own, which delays and loses packets. Two TUN interfaces are its ends; what one receives is sent by the
 * other, later or not at all. Needs root and iproute2. Programs enter the namespace by {@code nsenter --net=/run/netns/NAME}.
 */
public final class LossyLine implements AutoCloseable {
    private static final int QUEUED = 1_000;

    private final String namespace;
    private final int number;
    private final Tun near;
    private final Tun far;
    private final List<Thread> threads = new ArrayList<>();
    private volatile Duration delay = Duration.ZERO;
    private volatile double loss;
    private volatile boolean closed;

    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Packet(byte[] bytes, long arrivedNanos) {}

    private LossyLine(String namespace, int number, long seed, Tun near, Tun far) {
        this.namespace = namespace;
        this.number = number;
        this.near = near;
        this.far = far;
        direction(near, far, seed);
        direction(far, near, seed + 1);
    }

    /**
     * A line without faults yet.
     *
     * @param number of the line on this machine, 0 to 255: its ends are 10.201.NUMBER.1 here and 10.201.NUMBER.2 in the namespace {@code selvage-NUMBER}
     * @param seed of what is lost
     */
    public static LossyLine open(int number, long seed) throws IOException {
        String namespace = "selvage-" + number;
        String here = "svn" + number;
        String there = "svf" + number;
        Tun near = Tun.open(here);
        Tun far = Tun.open(there);
        var line = new LossyLine(namespace, number, seed, near, far);
        try {
            ip("netns add " + namespace);
            ip("link set " + there + " netns " + namespace);
            ip("addr add " + line.nearAddress() + "/30 dev " + here);
            ip("link set " + here + " up");
            ip("-n " + namespace + " addr add " + line.farAddress() + "/30 dev " + there);
            ip("-n " + namespace + " link set " + there + " up");
            ip("-n " + namespace + " link set lo up");
        } catch (IOException e) {
            line.close();
            throw e;
        }
        line.threads.forEach(Thread::start);
        return line;
    }

    public String namespace() {
        return namespace;
    }

    public String nearAddress() {
        return "10.201." + number + ".1";
    }

    public String farAddress() {
        return "10.201." + number + ".2";
    }

    /**
     * From now on.
     *
     * @param oneWay delay of each packet in each direction
     * @param share of packets lost in each direction, 0 to 1
     */
    public void condition(Duration oneWay, double share) {
        delay = oneWay;
        loss = share;
    }

    private void direction(Tun from, Tun to, long seed) {
        BlockingQueue<Packet> queue = new ArrayBlockingQueue<>(QUEUED);
        threads.add(
                Thread.ofPlatform().daemon().name("line-read").unstarted(() -> read(from, queue, new Random(seed))));
        threads.add(Thread.ofPlatform().daemon().name("line-write").unstarted(() -> write(queue, to)));
    }

    private void read(Tun from, BlockingQueue<Packet> queue, Random random) {
        try {
            while (!closed) {
                byte[] packet = from.read();
                boolean kept = packet.length > 0 && random.nextDouble() >= loss;
                if (kept && !queue.offer(new Packet(packet, System.nanoTime()))) {
                    Thread.onSpinWait(); // lost, as where a router's buffer is full
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void write(BlockingQueue<Packet> queue, Tun to) {
        try {
            while (!closed) {
                Packet packet = queue.poll(200, TimeUnit.MILLISECONDS);
                if (packet != null) {
                    long left = delay.toNanos() - (System.nanoTime() - packet.arrivedNanos());
                    TimeUnit.NANOSECONDS.sleep(left);
                    to.write(packet.bytes());
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void ip(String arguments) throws IOException {
        Process process = new ProcessBuilder(("ip " + arguments).split(" "))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("ip " + arguments + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        try {
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(2));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            ip("netns del " + namespace);
        } finally {
            near.close();
            far.close();
        }
    }
}
