package dev.selvage.streams;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A lane in memory: what is synced survives a crash, what is only appended does not. */
final class RecordingSink implements SampleSink {
    final List<Row> rows = new ArrayList<>();
    final List<String> gaps = new ArrayList<>();
    int synced;
    boolean refuses;
    boolean syncFails;

    @Override
    public void append(Row row) {
        if (refuses) {
            throw new IllegalStateException("the lane is full");
        }
        rows.add(row);
    }

    @Override
    public void gap(String namespace, long fromMillis, long toMillis) {
        gaps.add(namespace + " " + fromMillis + "-" + toMillis);
    }

    @Override
    public void sync() {
        if (syncFails) {
            throw new IllegalStateException("the disk is full");
        }
        synced = rows.size();
    }

    @Override
    public void recent(Consumer<WindowName> seen) {
        rows.forEach(r -> seen.accept(r.name()));
    }

    /** Rows as text: {@code device start-end values}, with a star when partial. */
    List<String> texts() {
        return rows.stream()
                .map(r ->
                        r.key() + " " + r.startMillis() + "-" + r.endMillis() + (r.partial() ? "* " : " ") + r.values())
                .toList();
    }
}
