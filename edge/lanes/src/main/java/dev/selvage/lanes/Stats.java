package dev.selvage.lanes;

import java.util.Map;
import java.util.Objects;

/** A moment's picture of the lanes. */
public record Stats(Map<Lane, LaneStats> lanes, long bytes) {
    public Stats {
        lanes = Map.copyOf(lanes);
    }

    public LaneStats of(Lane lane) {
        return Objects.requireNonNull(lanes.get(lane), lane::name);
    }

    /**
     * @param epoch epoch of the records being appended
     * @param nextSequence sequence the next record will get
     * @param acknowledged last sequence that the centre has acknowledged, in {@code acknowledgedEpoch}
     * @param waiting records on disk that are not acknowledged
     * @param bytes bytes on disk, acknowledged tail included
     * @param dropped records dropped since the lane was created, by reason; reasons that never occurred are absent
     */
    public record LaneStats(
            long epoch,
            long nextSequence,
            long acknowledgedEpoch,
            long acknowledged,
            long waiting,
            long bytes,
            Map<DropReason, Long> dropped) {
        public LaneStats {
            dropped = Map.copyOf(dropped);
        }

        public long dropped(DropReason reason) {
            return dropped.getOrDefault(reason, 0L);
        }

        public long droppedTotal() {
            return dropped.values().stream().mapToLong(Long::longValue).sum();
        }
    }
}
