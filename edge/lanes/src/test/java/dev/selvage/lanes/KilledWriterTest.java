package dev.selvage.lanes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** design.md "The edge owns its life": kill -9 of the process that writes loses no record that was synced. */
class KilledWriterTest {
    @TempDir
    Path dir;

    @RepeatedTest(3)
    void everyRecordReportedAsSyncedIsThereAfterKillNine(RepetitionInfo round) throws Exception {
        Process writer = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> reported = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
            int enough = 200 * round.getCurrentRepetition();
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                reported.add(line);
                if (reported.size() == enough) {
                    // The handle's kill leaves our end of the pipe open: what was reported before is still read.
                    writer.toHandle().destroyForcibly();
                }
            }
        } finally {
            writer.destroyForcibly().waitFor();
        }
        assertThat(reported).hasSizeGreaterThanOrEqualTo(200);
        try (Lanes lanes = Lanes.open(dir, LanesConfig.standard())) {
            assertThat(LanesTest.drain(lanes, Lane.LIVE, 10_000))
                    .containsAll(reported)
                    .doesNotHaveDuplicates();
            assertThat(lanes.stats().of(Lane.LIVE).droppedTotal()).isZero();
        }
    }

    /** Appends from four threads and reports each record once it is durable, until somebody kills it. */
    static final class Writer {
        private Writer() {}

        public static void main(String[] args) throws IOException {
            Lanes lanes = Lanes.open(Path.of(args[0]), LanesConfig.standard());
            for (int w = 0; w < 4; w++) {
                int writer = w;
                Thread.ofPlatform().start(() -> {
                    for (int i = 0; ; i++) {
                        String record = writer + ":" + i;
                        if (lanes.appendDurable(Lane.LIVE, LanesTest.bytes(record))) {
                            System.out.println(record);
                        }
                    }
                });
            }
        }
    }
}
