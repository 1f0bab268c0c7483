package dev.selvage.lanes;

/**
 * Bounds of the lanes, all in bytes on disk. The alarm lane has no bound but the total, since telemetry gives way to it.
 *
 * @param liveBytes bound of {@link Lane#LIVE}
 * @param backlogBytes bound of {@link Lane#BACKLOG}
 * @param totalBytes bound of all lanes together
 * @param segmentBytes size at which a segment is closed; the unit of dropping and deleting
 * @param recentBytes how much of a lane's tail is kept after it was acknowledged, for {@link Lanes#recent}
 * @param maxRecordBytes largest record taken
 */
public record LanesConfig(
        long liveBytes, long backlogBytes, long totalBytes, int segmentBytes, int recentBytes, int maxRecordBytes) {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    public LanesConfig {
        require(segmentBytes >= 4 * KIB && segmentBytes <= 16 * MIB, "segmentBytes", segmentBytes, "4 KiB to 16 MiB");
        require(maxRecordBytes >= 1 && maxRecordBytes <= MIB, "maxRecordBytes", maxRecordBytes, "1 byte to 1 MiB");
        require(recentBytes >= 0 && recentBytes <= 16 * MIB, "recentBytes", recentBytes, "0 to 16 MiB");
        long least = 2L * Math.max(segmentBytes, maxRecordBytes);
        require(liveBytes >= least, "liveBytes", liveBytes, "at least two segments: " + least);
        require(backlogBytes >= least, "backlogBytes", backlogBytes, "at least two segments: " + least);
        require(totalBytes >= 2 * least, "totalBytes", totalBytes, "at least four segments: " + 2 * least);
    }

    /**
     * Live 32 MiB, backlog 256 MiB, all together 320 MiB, in segments of 256 KiB. The tail kept holds what a busy node appends between two checkpoints of its
     * streams, several thousand records.
     */
    public static LanesConfig standard() {
        return new LanesConfig(32L * MIB, 256L * MIB, 320L * MIB, 256 * KIB, MIB, 128 * KIB);
    }

    long bound(Lane lane) {
        return switch (lane) {
            case ALARM -> totalBytes;
            case LIVE -> liveBytes;
            case BACKLOG -> backlogBytes;
        };
    }

    private static void require(boolean holds, String field, long found, String accepted) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": found " + found + ", accepted " + accepted);
        }
    }
}
