package dev.selvage.workloads;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** design.md "Node": mounted as directories whose {@code ..data} link is swapped atomically; whatever interrupts it. */
class ProjectedDirectoryTest {
    private static final Map<String, ProjectedDirectory.File> FILES =
            Map.of("a", new ProjectedDirectory.File("content".getBytes(UTF_8), 0644));

    @TempDir
    Path dir;

    private final ProjectedDirectory.Owner self = new ProjectedDirectory.Owner(-1, -1);

    @Test
    void namesThatACrashLeftOutAreMadeByTheNextWrite() throws IOException {
        new ProjectedDirectory(dir, self).write(FILES);
        Files.delete(dir.resolve("a"));
        assertThat(new ProjectedDirectory(dir, self).write(FILES)).isFalse();
        assertThat(dir.resolve("a")).hasContent("content");
    }

    @Test
    void writesThatFailLeaveNothingBehind() throws IOException {
        Files.createDirectories(dir.resolve("..next/in-the-way"));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> new ProjectedDirectory(dir, self).write(FILES))
                    .isInstanceOf(IOException.class);
        }
        try (Stream<Path> entries = Files.list(dir)) {
            assertThat(entries.map(e -> e.getFileName().toString()).toList()).isEqualTo(List.of("..next"));
        }
    }
}
