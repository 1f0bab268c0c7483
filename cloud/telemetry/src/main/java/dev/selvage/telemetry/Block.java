package dev.selvage.telemetry;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The points of one batch by series id. */
record Block(TreeMap<Long, List<Raw>> points) {
    static Block of(Map<Long, List<Raw>> points) {
        TreeMap<Long, List<Raw>> sorted = new TreeMap<>();
        points.forEach((series, raw) -> sorted.put(series, Raw.distinct(raw)));
        return new Block(sorted);
    }

    static Block decode(byte[] packed) {
        ByteBuffer source = ByteSink.unpack(packed);
        TreeMap<Long, List<Raw>> points = new TreeMap<>();
        long id = 0;
        long count = ByteSink.varint(source);
        for (long i = 0; i < count; i++) {
            id += ByteSink.varint(source);
            points.computeIfAbsent(id, _ -> new ArrayList<>()).addAll(PointCodec.read(source));
        }
        return new Block(points);
    }

    byte[] encode() {
        ByteSink sink = new ByteSink();
        sink.varint(points.size());
        long id = 0;
        for (Map.Entry<Long, List<Raw>> series : points.entrySet()) {
            sink.varint(series.getKey() - id);
            id = series.getKey();
            PointCodec.write(series.getValue(), sink);
        }
        return sink.packed();
    }

    Long[] series() {
        return points.keySet().toArray(Long[]::new);
    }

    long firstAt() {
        return all().mapToLong(Raw::at).min().orElse(0);
    }

    long lastAt() {
        return all().mapToLong(Raw::at).max().orElse(0);
    }

    private java.util.stream.Stream<Raw> all() {
        return points.values().stream().flatMap(List::stream);
    }
}
