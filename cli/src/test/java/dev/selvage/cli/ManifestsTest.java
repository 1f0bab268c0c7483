package dev.selvage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestsTest {
    @TempDir
    Path directory;

    @Test
    void readsEachDocumentOfEachFileInOrderAndFillsInValues() throws IOException {
        Files.writeString(directory.resolve("2.yaml"), "kind: C\n");
        Files.writeString(directory.resolve("1.yaml"), "kind: A\nport: ${PORT}\n---\n# nothing\n---\nkind: B\n");
        Files.writeString(directory.resolve("README.md"), "kind: Z\n");
        List<JsonNode> objects = Manifests.read(directory, Map.of("PORT", "5020"));
        assertThat(objects).extracting(o -> o.path("kind").asText()).containsExactly("A", "B", "C");
        assertThat(objects.getFirst().path("port").asInt()).isEqualTo(5020);
    }

    @Test
    void namesTheFileThatItCannotRead() throws IOException {
        Files.writeString(directory.resolve("bad.yaml"), "a: [1\n");
        assertThatThrownBy(() -> Manifests.read(directory, Map.of()))
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("bad.yaml");
    }
}
