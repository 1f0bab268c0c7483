package dev.selvage.bench.chaos;

import java.util.List;

/** That a watch saw exactly what was written, in that order and at those revisions: nothing lost, doubled, invented. */
final class WriteAudit {
    private WriteAudit() {}

    static void check(ConfigWriter writer, Follower watch, Violations violations) {
        writer.applied().forEach((name, applied) -> {
            List<Follower.Event> seen = watch.of(name);
            for (int i = 0; i < Math.max(applied.size(), seen.size()); i++) {
                String difference = i >= seen.size()
                        ? "written and never seen: " + applied.get(i)
                        : i >= applied.size()
                                ? "seen and never written: " + seen.get(i)
                                : difference(applied.get(i), seen.get(i));
                if (!difference.isEmpty()) {
                    violations.add("ConfigMap " + name + ", change " + i + ": " + difference);
                    return;
                }
            }
        });
    }

    private static String difference(ConfigWriter.Applied applied, Follower.Event seen) {
        boolean same = applied.type().equals(seen.type())
                && applied.value().equals(seen.value())
                && (applied.revision() == 0 || applied.revision() == seen.revision());
        return same ? "" : "written " + applied + ", seen " + seen;
    }
}
