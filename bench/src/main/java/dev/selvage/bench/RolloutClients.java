package dev.selvage.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Clients that each ask a random ready pod, wait for the answer and a little longer, and ask again. A failed request is not repeated. */
final class RolloutClients implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final byte[] REQUEST = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final RolloutPods pods;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicReference<String> firstFailure = new AtomicReference<>("");
    private final List<Thread> threads = new ArrayList<>();

    RolloutClients(RolloutPods pods) {
        this.pods = pods;
        for (int i = 0; i < CLIENTS; i++) {
            threads.add(Thread.ofVirtual().start(this::ask));
        }
    }

    long answers() {
        return answers.get();
    }

    long failures() {
        return failures.get();
    }

    Optional<String> firstFailure() {
        return Optional.of(firstFailure.get()).filter(text -> !text.isEmpty());
    }

    String described() {
        return CLIENTS + " clients, each with " + PAUSE.toMillis() + " ms between requests, of ready pods only";
    }

    private void ask() {
        try {
            while (true) {
                List<String> ready = pods.ready();
                if (!ready.isEmpty()) {
                    ask(ready.get(ThreadLocalRandom.current().nextInt(ready.size())));
                }
                Thread.sleep(PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(String uid) {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(address(uid), 8080), TIMEOUT_MILLIS);
            socket.getOutputStream().write(REQUEST);
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            if (!answer.startsWith("HTTP/1.0 200") || !answer.endsWith("ok\n")) {
                throw new IOException("answer \"" + answer + "\"");
            }
            answers.incrementAndGet();
        } catch (IOException e) {
            if (failures.incrementAndGet() == 1) {
                firstFailure.set(uid + ", " + pods.fate(uid) + ": " + e);
            }
        }
    }

    /** As the server in the pod makes it. */
    private static InetAddress address(String uid) throws IOException {
        byte[] address = {127, 0, 0, 0};
        for (int i = 0; i < 3; i++) {
            address[i + 1] = (byte) (Integer.parseInt(uid.substring(2 * i, 2 * i + 2), 16) % 254 + 1);
        }
        return InetAddress.getByAddress(address);
    }

    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
    }
}
