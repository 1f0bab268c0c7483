package dev.selvage.streams;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** One stream's part of a checkpoint: open windows, rows that are not durable yet, which window ends were emitted. */
final class CheckpointCodec {
    private static final int MAX_COUNT = 10_000_000;

    private CheckpointCodec() {}

    record Cell(long count, double number, long integer, String text) {}

    record SavedKey(String device, List<Cell> cells) {
        void restore(Accumulators to, int key) {
            for (int i = 0; i < cells.size(); i++) {
                Cell cell = cells.get(i);
                to.restore(key, i, cell.count(), cell.number(), cell.integer(), cell.text());
            }
        }
    }

    record SavedWindow(long start, List<SavedKey> keys) {}

    record Saved(StreamRun.Identity identity, List<SavedWindow> windows, List<Row> rows, List<Emitted.Range> emitted) {
        /** Without the windows of devices that were emitted after the checkpoint. */
        Saved without(long sizeMillis, Predicate<WindowName> seen) {
            List<SavedWindow> left = new ArrayList<>();
            for (SavedWindow window : windows) {
                long end = window.start() + sizeMillis;
                List<SavedKey> keys = window.keys().stream()
                        .filter(k ->
                                !seen.test(new WindowName(identity.namespace(), identity.source(), k.device(), end)))
                        .toList();
                left.add(new SavedWindow(window.start(), keys));
            }
            return new Saved(
                    identity,
                    left,
                    rows.stream().filter(r -> !seen.test(r.name())).toList(),
                    emitted);
        }
    }

    static void write(DataOutputStream out, StreamRun.Identity identity, Windows windows, Keys keys, List<Row> rows)
            throws IOException {
        out.writeUTF(identity.namespace());
        out.writeUTF(identity.name());
        out.writeUTF(identity.uid());
        out.writeLong(identity.planHash());
        out.writeInt(windows.open().size());
        for (Windows.Open window : windows.open()) {
            write(out, window, keys);
        }
        out.writeInt(rows.size());
        for (Row row : rows) {
            write(out, row);
        }
        List<Emitted.Range> ranges = windows.emitted().ranges();
        out.writeInt(ranges.size());
        for (Emitted.Range range : ranges) {
            out.writeLong(range.from());
            out.writeLong(range.to());
        }
    }

    private static void write(DataOutputStream out, Windows.Open window, Keys keys) throws IOException {
        Accumulators cells = window.accumulators;
        out.writeLong(window.start);
        out.writeInt(cells.width());
        int n = 0;
        for (int key = 0; key < cells.keys(); key++) {
            n += cells.seen(key) && keys.at(key) != null ? 1 : 0;
        }
        out.writeInt(n);
        for (int key = 0; key < cells.keys(); key++) {
            Keys.Key of = keys.at(key);
            if (cells.seen(key) && of != null) {
                out.writeUTF(of.device);
                for (int cell = key * cells.width(); cell < (key + 1) * cells.width(); cell++) {
                    out.writeLong(cells.count(cell));
                    out.writeDouble(cells.number(cell));
                    out.writeLong(cells.integer(cell));
                    text(out, cells.text(cell));
                }
            }
        }
    }

    private static void write(DataOutputStream out, Row row) throws IOException {
        out.writeUTF(row.lane());
        out.writeUTF(row.key());
        out.writeLong(row.startMillis());
        out.writeLong(row.endMillis());
        out.writeBoolean(row.partial());
        out.writeInt(row.values().size());
        for (Map.Entry<String, Double> value : row.values().entrySet()) {
            out.writeUTF(value.getKey());
            out.writeDouble(value.getValue());
        }
    }

    static Saved read(DataInputStream in) throws IOException {
        StreamRun.Identity identity = new StreamRun.Identity(in.readUTF(), in.readUTF(), in.readUTF(), in.readLong());
        List<SavedWindow> windows = new ArrayList<>();
        for (int i = count(in); i > 0; i--) {
            windows.add(window(in));
        }
        List<Row> rows = new ArrayList<>();
        for (int i = count(in); i > 0; i--) {
            rows.add(row(in, identity));
        }
        List<Emitted.Range> emitted = new ArrayList<>();
        for (int i = count(in); i > 0; i--) {
            emitted.add(new Emitted.Range(in.readLong(), in.readLong()));
        }
        return new Saved(identity, windows, rows, emitted);
    }

    private static SavedWindow window(DataInputStream in) throws IOException {
        long start = in.readLong();
        int width = count(in);
        List<SavedKey> keys = new ArrayList<>();
        for (int i = count(in); i > 0; i--) {
            String device = in.readUTF();
            List<Cell> cells = new ArrayList<>();
            for (int j = 0; j < width; j++) {
                cells.add(new Cell(in.readLong(), in.readDouble(), in.readLong(), text(in)));
            }
            keys.add(new SavedKey(device, cells));
        }
        return new SavedWindow(start, keys);
    }

    private static Row row(DataInputStream in, StreamRun.Identity identity) throws IOException {
        String lane = in.readUTF();
        String key = in.readUTF();
        long start = in.readLong();
        long end = in.readLong();
        boolean partial = in.readBoolean();
        Map<String, Double> values = new LinkedHashMap<>();
        for (int i = count(in); i > 0; i--) {
            values.put(in.readUTF(), in.readDouble());
        }
        return new Row(lane, identity.namespace(), identity.source(), key, start, end, partial, values);
    }

    /** Text of any length: writeUTF ends at 64 KiB. */
    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(count(in)), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static int count(DataInputStream in) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > MAX_COUNT) {
            throw new IOException("a count of " + n);
        }
        return n;
    }
}
