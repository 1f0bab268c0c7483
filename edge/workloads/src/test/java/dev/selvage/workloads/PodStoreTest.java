package dev.selvage.workloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Node": the agent's state on a disk that fails and recovers. */
class PodStoreTest {
    @TempDir
    Path home;

    @Test
    void aFaultIsToldWhileTheStateCannotBeWrittenAndNoLonger() throws IOException {
        PodStore store = new PodStore(home);
        PodRecord record = new PodRecord(new Pod(TestNode.pod("store-1", "true")));
        Path inTheWay = Files.createFile(home.resolve("pods").resolve("store-1"));
        store.save("store-1", record);
        store.save("store-1", record);
        assertThat(store.faults()).singleElement().asString().startsWith("state of pod store-1 cannot be written");
        Files.delete(inTheWay);
        store.save("store-1", record);
        assertThat(store.faults()).isEmpty();
        assertThat(new PodStore(home).load()).containsOnlyKeys("store-1");
    }
}
