package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.Json;
import dev.selvage.streams.Row;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/** Readings and stream rows as they happen, for pages on the node. A reader that is too slow loses the oldest events and is told how many. */
final class EventFeed {
    static final int MAX_SUBSCRIBERS = 16;
    static final int QUEUE = 128;

    /**
     * @param type {@code reading} or {@code row}
     * @param data one line of JSON
     */
    record Event(String type, String data) {}

    private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

    /** One reader's bounded queue. */
    final class Subscription implements AutoCloseable {
        private final Predicate<String> namespaces;
        private final BlockingQueue<Event> queue = new LinkedBlockingQueue<>(QUEUE);
        private final AtomicLong lost = new AtomicLong();

        private Subscription(Predicate<String> namespaces) {
            this.namespaces = namespaces;
        }

        Optional<Event> next(Duration wait) throws InterruptedException {
            long missed = lost.getAndSet(0);
            if (missed > 0) {
                return Optional.of(new Event("lost", "{\"events\":" + missed + "}"));
            }
            return Optional.ofNullable(queue.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
        }

        private void offer(Event event) {
            while (!queue.offer(event)) {
                if (queue.poll() != null) {
                    lost.incrementAndGet();
                }
            }
        }

        @Override
        public void close() {
            subscriptions.remove(this);
        }
    }

    /** Empty when there are as many readers as may be. */
    synchronized Optional<Subscription> subscribe(Predicate<String> namespaces) {
        if (subscriptions.size() >= MAX_SUBSCRIBERS) {
            return Optional.empty();
        }
        Subscription subscription = new Subscription(namespaces);
        subscriptions.add(subscription);
        return Optional.of(subscription);
    }

    int readers() {
        return subscriptions.size();
    }

    /** Events that wait for the slowest reader. */
    int longestQueue() {
        return subscriptions.stream().mapToInt(s -> s.queue.size()).max().orElse(0);
    }

    void reading(DeviceReading reading) {
        if (wanted(reading.namespace())) {
            ObjectNode json = Json.object()
                    .put("namespace", reading.namespace())
                    .put("device", reading.device())
                    .put("model", reading.model())
                    .put("at", reading.atMillis())
                    .put("quality", reading.quality().label());
            ObjectNode values = json.putObject("values");
            reading.values().forEach((name, value) -> values.set(name, Json.scalar(value)));
            publish(reading.namespace(), new Event("reading", Json.text(json)));
        }
    }

    void row(Row row) {
        if (wanted(row.namespace())) {
            ObjectNode json = Json.object()
                    .put("namespace", row.namespace())
                    .put("source", row.source())
                    .put("key", row.key())
                    .put("start", row.startMillis())
                    .put("end", row.endMillis())
                    .put("partial", row.partial());
            ObjectNode values = json.putObject("values");
            row.values().forEach(values::put);
            publish(row.namespace(), new Event("row", Json.text(json)));
        }
    }

    private boolean wanted(String namespace) {
        return subscriptions.stream().anyMatch(s -> s.namespaces.test(namespace));
    }

    private void publish(String namespace, Event event) {
        for (Subscription subscription : subscriptions) {
            if (subscription.namespaces.test(namespace)) {
                subscription.offer(event);
            }
        }
    }
}
