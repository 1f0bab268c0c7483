package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.ObjectKey;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Issue 3, fault 3: an administrator sees what is held before he decides. */
class DecideTest {
    @Test
    void showsPendingRequestsAndNoneThatAreDecided() {
        ArrayNode items = Json.mapper().createArrayNode();
        items.add(request("edge-1.release-deletions", NodeRequest.State.PENDING));
        items.add(request("edge-2.release-deletions", NodeRequest.State.DENIED));
        assertThat(printed(items)).isEqualTo("""
                NAME                      NODE    TYPE              OBJECTS  REASON              AGE
                edge-1.release-deletions  edge-1  ReleaseDeletions  1        UnknownIncarnation  5m
                """);
    }

    @Test
    void saysThatNothingIsPending() {
        assertThat(printed(Json.mapper().createArrayNode())).isEqualTo("Nothing is pending.\n");
    }

    private static String printed(ArrayNode items) {
        var bytes = new ByteArrayOutputStream();
        Decide.print(
                new PrintStream(bytes, true, StandardCharsets.UTF_8), items, Instant.parse("2026-11-21T10:05:00Z"));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static ObjectNode request(String name, NodeRequest.State state) {
        ObjectNode object = Json.object();
        object.putObject("metadata").put("name", name).put("creationTimestamp", "2026-11-21T10:00:00Z");
        var pod = new NodeRequest.Item(new ObjectKey("pods", "default", "web"), "u-1");
        object.set(
                "spec",
                new NodeRequest(
                                name.substring(0, name.indexOf('.')),
                                NodeRequest.RELEASE_DELETIONS,
                                "UnknownIncarnation",
                                "b",
                                "a",
                                List.of(pod),
                                1,
                                state,
                                "")
                        .spec());
        NodeRequest.decide(object, state, "admin", Instant.EPOCH);
        return object;
    }
}
