package dev.selvage.devices;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.selvage.model.Timestamps;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteMemoryTest {
    private static final WriteOutcome CONFIRMED = WriteOutcome.of(WriteOutcome.State.CONFIRMED);

    private final List<String> damaged = new ArrayList<>();

    @TempDir
    private Path dir;

    private static WriteMemory.Entry entry(long validUntil) {
        return new WriteMemory.Entry(BooleanNode.TRUE, Timestamps.millis(validUntil), CONFIRMED, 7);
    }

    @Test
    void anOutcomeIsThereAfterARestart() throws Exception {
        WriteMemory.open(dir, damaged::add).remember("uid", "compressor", entry(1_000_000));
        assertThat(WriteMemory.open(dir, damaged::add).find("uid", "compressor"))
                .contains(entry(1_000_000));
        assertThat(WriteMemory.open(dir, damaged::add).find("uid", "lamp")).isEmpty();
    }

    @Test
    void onlyWhatIsOverAndBelongsToNoDeviceIsForgotten() throws Exception {
        WriteMemory memory = WriteMemory.open(dir, damaged::add);
        memory.remember("here", "p", entry(1000));
        memory.remember("gone", "p", entry(1000));
        memory.remember("gone", "still-valid", entry(9000));
        memory.prune(Set.of("here"), 5000);
        WriteMemory again = WriteMemory.open(dir, damaged::add);
        assertThat(again.find("here", "p")).isPresent();
        assertThat(again.find("gone", "p")).isEmpty();
        assertThat(again.find("gone", "still-valid")).isPresent();
    }

    /** Issue 3, "Torn files". */
    @Test
    void aDamagedMemoryIsSetAsideAndToldWhateverByteIsWrong() throws Exception {
        WriteMemory.open(dir, damaged::add).remember("uid", "compressor", entry(1_000_000));
        byte[] whole = Files.readAllBytes(dir.resolve("writes"));
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            for (byte[] torn : List.of(flipped, Arrays.copyOf(whole, at))) {
                damaged.clear();
                Files.write(dir.resolve("writes"), torn);
                assertThat(WriteMemory.open(dir, damaged::add).find("uid", "compressor"))
                        .isEmpty();
                assertThat(damaged).singleElement().asString().contains("set aside as writes.damaged-");
            }
        }
        try (var files = Files.list(dir)) {
            assertThat(files).hasSize(3);
        }
    }

    @Test
    void theTimeAwayIsTheAgeOfTheLastBeat() throws Exception {
        assertThat(Downtime.open(dir, 1_000_000).before()).isEqualTo(Duration.ZERO);
        assertThat(Downtime.open(dir, 1_012_000).before()).isEqualTo(Duration.ofSeconds(12));
        assertThat(Downtime.open(dir, 1_000_000).before())
                .as("a clock that went back")
                .isEqualTo(Duration.ZERO);
    }
}
