package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The guide lists each field of a PodSpec as honoured or accepted at its default, as the code does (issue 4, "Done when"). */
class PodFieldGuideTest {
    @Test
    void theGuideOfContainerPodsHasTheRowsOfTheTable() throws IOException {
        String guide = Files.readString(guide("container-pods.md"));
        assertThat(rows(PodFieldTable.CONTAINER))
                .allSatisfy(row -> assertThat(guide).contains(row + "\n"));
        long listed = guide.lines().filter(line -> line.matches("\\| `[A-Z].*")).count();
        assertThat(listed).isEqualTo(PodFieldTable.CONTAINER.size());
    }

    private static Path guide(String name) {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("docs/guides"))) {
            here = java.util.Objects.requireNonNull(here.getParent(), "no docs above the working directory");
        }
        return here.resolve("docs/guides").resolve(name);
    }

    /** A row for each type: honoured fields, then those accepted at some values only. */
    private static List<String> rows(Map<String, Map<String, List<String>>> table) {
        return new TreeMap<>(table)
                .entrySet().stream()
                        .map(type -> "| `%s` | %s | %s |"
                                .formatted(type.getKey(), honoured(type.getValue()), accepted(type.getValue())))
                        .toList();
    }

    private static String honoured(Map<String, List<String>> fields) {
        return String.join(
                " ",
                new TreeMap<>(fields)
                        .entrySet().stream()
                                .filter(f -> f.getValue().isEmpty())
                                .map(f -> "`" + f.getKey() + "`")
                                .toList());
    }

    private static String accepted(Map<String, List<String>> fields) {
        return String.join(
                ", ",
                new TreeMap<>(fields)
                        .entrySet().stream()
                                .filter(f -> !f.getValue().isEmpty())
                                .map(f -> "`" + f.getKey() + ": " + String.join("`, `", f.getValue()) + "`")
                                .toList());
    }
}
