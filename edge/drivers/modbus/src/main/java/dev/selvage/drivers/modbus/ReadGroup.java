package dev.selvage.drivers.modbus;

import dev.selvage.model.ModbusTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Points of one table without a gap between them, read by one request. */
record ReadGroup(ModbusTable table, int address, int quantity, List<ModbusPoint> points) {

    /** As few groups as adjacency and the limits of a request allow; a gap is never read, it may be an illegal address. */
    static List<ReadGroup> of(List<ModbusPoint> points) {
        List<ModbusPoint> sorted = new ArrayList<>(points);
        sorted.sort(Comparator.comparing((ModbusPoint p) -> p.address().table())
                .thenComparingInt(p -> p.address().address()));
        List<ReadGroup> groups = new ArrayList<>();
        List<ModbusPoint> run = new ArrayList<>();
        int start = 0;
        int end = 0;
        for (ModbusPoint point : sorted) {
            var at = point.address();
            boolean joins = !run.isEmpty()
                    && run.getFirst().address().table() == at.table()
                    && at.address() <= end
                    && Math.max(end, at.end()) - start <= at.table().mostPerRead();
            if (!joins && !run.isEmpty()) {
                groups.add(group(run, start, end));
                run = new ArrayList<>();
            }
            if (run.isEmpty()) {
                start = at.address();
                end = start;
            }
            run.add(point);
            end = Math.max(end, at.end());
        }
        if (!run.isEmpty()) {
            groups.add(group(run, start, end));
        }
        return List.copyOf(groups);
    }

    /** Each point by itself. */
    List<ReadGroup> split() {
        return points.stream()
                .map(p -> group(List.of(p), p.address().address(), p.address().end()))
                .toList();
    }

    private static ReadGroup group(List<ModbusPoint> points, int start, int end) {
        return new ReadGroup(points.getFirst().address().table(), start, end - start, List.copyOf(points));
    }
}
