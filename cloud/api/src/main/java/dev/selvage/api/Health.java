package dev.selvage.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code /livez}, {@code /readyz} and {@code /healthz} as the Kubernetes API server answers them: {@code ok}, or 500 and a line for each check; the lines always with
 * {@code ?verbose}; checks left out by {@code ?exclude=NAME}; one check alone by its path. Reasons are for administrators: anybody may ask.
 */
final class Health {
    private final List<HealthCheck> checks;

    Health(List<HealthCheck> checks) {
        this.checks = List.copyOf(checks);
    }

    /** Answers {@code /DOOR} and {@code /DOOR/NAME}. */
    void answer(Exchange exchange) {
        if (!exchange.method().equals("GET")) {
            throw ApiFailure.methodNotAllowed();
        }
        List<String> path = exchange.path();
        String door = path.getFirst();
        List<HealthCheck> asked = checks.stream()
                .filter(check -> door.equals("readyz") || check.live())
                .toList();
        if (path.size() == 1) {
            answer(exchange, door, asked, exchange.has("verbose"), new HashSet<>(exchange.parameters("exclude")));
            return;
        }
        List<HealthCheck> one =
                asked.stream().filter(check -> check.name().equals(path.get(1))).toList();
        if (path.size() > 2 || one.isEmpty()) {
            throw ApiFailure.noSuchPath();
        }
        answer(exchange, door, one, exchange.has("verbose"), new HashSet<>());
    }

    private static void answer(
            Exchange exchange, String door, List<HealthCheck> asked, boolean verbose, Set<String> exclude) {
        List<String> lines = new ArrayList<>();
        boolean failed = false;
        for (HealthCheck check : asked) {
            if (exclude.remove(check.name())) {
                lines.add("[+]" + check.name() + " excluded: ok");
                continue;
            }
            Optional<String> fault = check.fault().get();
            failed |= fault.isPresent();
            lines.add(fault.map(why -> "[-]" + check.name() + " failed: "
                            + (exchange.caller().admin() ? why : "reason withheld"))
                    .orElse("[+]" + check.name() + " ok"));
        }
        exclude.stream()
                .sorted()
                .forEach(name ->
                        lines.add("warn: some health checks cannot be excluded: no matches for \"" + name + "\""));
        lines.add(door + " check " + (failed ? "failed" : "passed"));
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        exchange.setHeader("Cache-Control", "no-cache, private");
        exchange.send(
                failed ? 500 : 200,
                "text/plain; charset=utf-8",
                (failed || verbose ? String.join("\n", lines) + "\n" : "ok").getBytes(StandardCharsets.UTF_8));
    }
}
