package dev.selvage.backup;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The modules whose tables a backup holds, and those tables. The change log is not among them: a restored store begins a new one behind all revisions that its
 * clients have seen. Nor is the election of controllers, which lasts for seconds.
 */
enum Part {
    STORE,
    IDENTITY,
    TELEMETRY;

    static List<Part> of(boolean telemetry) {
        return telemetry ? List.of(values()) : List.of(STORE, IDENTITY);
    }

    static Part of(String module) {
        return Stream.of(values())
                .filter(part -> part.module().equals(module))
                .findFirst()
                .orElseThrow(() -> new BackupException("it has tables of \"" + module
                        + "\", which this version of Selvage does not know: restore it with a newer one"));
    }

    String module() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What a backup holds. */
    List<String> kept() {
        return switch (this) {
            case STORE -> List.of("counter", "object", "node_session");
            case IDENTITY -> List.of("certificate_authority", "node_identity");
            case TELEMETRY ->
                List.of(
                        "telemetry_series",
                        "telemetry_block",
                        "telemetry_chunk",
                        "telemetry_lane",
                        "telemetry_refused",
                        "telemetry_refusals");
        };
    }

    /** What a restore makes anew, empty. */
    List<String> begunAnew() {
        return this == STORE ? List.of("change") : List.of();
    }

    /** All that a restore replaces; the last is Flyway's record of the module's migrations. */
    Stream<String> replaced() {
        return Stream.of(kept(), begunAnew(), List.of("schema_history_" + module()))
                .flatMap(List::stream);
    }
}
