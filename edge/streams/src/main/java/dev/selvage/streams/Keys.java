package dev.selvage.streams;

import dev.selvage.model.DeviceReading;
import dev.selvage.model.LabelSelector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The devices of one stream, each with a small number; bounded. */
final class Keys {
    private static final long IDLE = 600_000;

    /** One device. */
    static final class Key {
        final String device;
        final int index;
        long lastAt;
        boolean selected;
        /** Labels that {@code selected} was found for. */
        private @Nullable Map<String, String> labels;
        /** What was written to the device's properties, by value of the plan. */
        final @Nullable Object[] written;

        final long[] refreshAt;

        Key(String device, int index, int values) {
            this.device = device;
            this.index = index;
            written = new Object[values];
            refreshAt = new long[values];
        }
    }

    private final LabelSelector selector;
    private final boolean everything;
    private final int max;
    private final int values;
    private final Map<String, Key> byDevice = new HashMap<>();
    private final List<@Nullable Key> byIndex = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();

    Keys(LabelSelector selector, int max, int values) {
        this.selector = selector;
        everything = selector.requirements().isEmpty();
        this.max = max;
        this.values = values;
    }

    /** The reading's device, or null when there is no room for one more. */
    @Nullable
    Key of(DeviceReading reading) {
        Key key = byDevice.get(reading.device());
        if (key == null) {
            key = of(reading.device());
        }
        if (key != null) {
            key.lastAt = reading.atMillis();
            if (everything) {
                key.selected = true;
            } else if (!reading.labels().equals(key.labels)) {
                key.selected = selector.matches(reading.labels());
                key.labels = reading.labels();
            }
        }
        return key;
    }

    @Nullable
    Key of(String device) {
        Key key = byDevice.get(device);
        if (key != null || byDevice.size() >= max) {
            return key;
        }
        int index = free.isEmpty() ? byIndex.size() : free.pop();
        Key added = new Key(device, index, values);
        if (index == byIndex.size()) {
            byIndex.add(added);
        } else {
            byIndex.set(index, added);
        }
        byDevice.put(device, added);
        return added;
    }

    @Nullable
    Key at(int index) {
        return index < byIndex.size() ? byIndex.get(index) : null;
    }

    int size() {
        return byDevice.size();
    }

    boolean full() {
        return byDevice.size() >= max;
    }

    /** Forgets devices that have been silent for long and have no part in an open window. */
    void evict(long now, IntPredicate inUse) {
        byDevice.values().removeIf(key -> {
            boolean idle = now - key.lastAt > IDLE && !inUse.test(key.index);
            if (idle) {
                byIndex.set(key.index, null);
                free.push(key.index);
            }
            return idle;
        });
    }
}
