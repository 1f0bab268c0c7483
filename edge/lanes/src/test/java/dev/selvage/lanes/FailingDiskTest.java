package dev.selvage.lanes;

import static dev.selvage.lanes.LanesTest.bytes;
import static dev.selvage.lanes.LanesTest.drain;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** orchestration facts, "So we test: full disk": a disk that refuses costs counted records and nothing else. */
class FailingDiskTest {
    private static final LanesConfig CONFIG = new LanesConfig(1 << 20, 1 << 20, 1 << 22, 4096, 8192, 2048);

    @TempDir
    Path dir;

    private volatile boolean full;
    private volatile String reason = "No space left on device";
    private volatile boolean syncFails;
    private volatile long room = Long.MAX_VALUE;

    @Test
    void aFullDiskDropsAndCountsAndTakesRecordsAgainWhenThereIsSpace() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            assertThat(lanes.appendDurable(Lane.LIVE, bytes("before"))).isTrue();
            full = true;
            for (int i = 0; i < 100; i++) {
                assertThat(lanes.appendDurable(Lane.LIVE, bytes("lost"))).isFalse();
            }
            full = false;
            assertThat(lanes.appendDurable(Lane.LIVE, bytes("after"))).isTrue();
            assertThat(lanes.stats().of(Lane.LIVE).dropped()).containsEntry(DropReason.DISK, 100L);
            assertThat(drain(lanes, Lane.LIVE, 1000)).containsExactly("before", "after");
        }
    }

    @Test
    void aRecordWrittenHalfIsUndone() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            lanes.append(Lane.LIVE, bytes("before"));
            room = 5;
            assertThat(lanes.append(Lane.LIVE, bytes("half"))).isFalse();
            room = Long.MAX_VALUE;
            lanes.append(Lane.LIVE, bytes("after"));
        }
        try (Lanes lanes = Lanes.open(dir, CONFIG)) {
            assertThat(drain(lanes, Lane.LIVE, 1000)).containsExactly("before", "after");
            assertThat(lanes.stats().of(Lane.LIVE).droppedTotal()).isEqualTo(1);
        }
    }

    @Test
    void telemetryGivesItsSpaceToAnAlarmWhenTheDiskIsFull() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            for (int i = 0; i < 200; i++) {
                lanes.append(Lane.BACKLOG, LanesTest.padded("r" + i));
            }
            lanes.sync();
            room = 0;
            assertThat(lanes.appendDurable(Lane.ALARM, bytes("fire"))).isFalse();
            assertThat(lanes.stats().of(Lane.BACKLOG).waiting()).isZero();
            assertThat(lanes.stats().of(Lane.BACKLOG).dropped()).containsEntry(DropReason.DISK, 200L);
            room = Long.MAX_VALUE;
            assertThat(lanes.appendDurable(Lane.ALARM, bytes("fire"))).isTrue();
        }
    }

    @Test
    void anAlarmThatIsOfferedStaysTheCallersUntilTheDiskTakesIt() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            lanes.appendDurable(Lane.ALARM, bytes("before"));
            full = true;
            assertThat(lanes.offer(Lane.ALARM, bytes("fire"))).isFalse();
            assertThat(lanes.diskFailure())
                    .hasValueSatisfying(why -> assertThat(why).contains("No space left"));
            assertThat(lanes.stats().of(Lane.ALARM).droppedTotal()).isZero();
            assertThat(lanes.offer(Lane.ALARM, new byte[CONFIG.maxRecordBytes() + 1]))
                    .as("one that no disk would take")
                    .isTrue();
            full = false;
            assertThat(lanes.offer(Lane.ALARM, bytes("fire"))).isTrue();
            lanes.sync();
            assertThat(drain(lanes, Lane.ALARM, 1000)).containsExactly("before", "fire");
        }
    }

    /** Nothing is gained by it: telemetry cannot make a disk writable. */
    @Test
    void telemetryKeepsItsRecordsWhenItIsNotSpaceThatTheAlarmLacks() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            for (int i = 0; i < 200; i++) {
                lanes.append(Lane.BACKLOG, LanesTest.padded("r" + i));
            }
            lanes.sync();
            reason = "Read-only file system";
            full = true;
            assertThat(lanes.appendDurable(Lane.ALARM, bytes("fire"))).isFalse();
            assertThat(lanes.stats().of(Lane.BACKLOG).waiting()).isEqualTo(200);
        }
    }

    @Test
    void recordsWhoseFsyncFailedAreCountedAndNeverHandedOut() throws IOException {
        try (Lanes lanes = Lanes.open(dir, CONFIG, this::open)) {
            lanes.appendDurable(Lane.LIVE, bytes("before"));
            syncFails = true;
            lanes.append(Lane.LIVE, bytes("lost 1"));
            lanes.append(Lane.LIVE, bytes("lost 2"));
            lanes.sync();
            syncFails = false;
            lanes.appendDurable(Lane.LIVE, bytes("after"));
            assertThat(lanes.stats().of(Lane.LIVE).dropped()).containsEntry(DropReason.DISK, 2L);
            assertThat(drain(lanes, Lane.LIVE, 1000)).containsExactly("before", "after");
        }
    }

    private SegmentFile open(Path path) throws IOException {
        if (full) {
            throw new IOException(reason);
        }
        SegmentFile file = SegmentFile.on(path);
        return new SegmentFile() {
            @Override
            public void write(byte[] bytes, long at) throws IOException {
                if (full || bytes.length > room) {
                    file.write(Arrays.copyOf(bytes, full ? 0 : (int) room), at);
                    throw new IOException(reason);
                }
                file.write(bytes, at);
            }

            @Override
            public void truncate(long length) throws IOException {
                file.truncate(length);
            }

            @Override
            public void force() throws IOException {
                if (syncFails) {
                    throw new IOException("Input/output error");
                }
                file.force();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }
}
