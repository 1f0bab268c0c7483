package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.List;

/** Rules of a container's hooks (k8s.io/kubernetes/pkg/apis/core/validation, validateLifecycle). */
final class LifecycleRules {
    private static final List<String> HANDLERS = List.of("exec", "httpGet", "tcpSocket", "sleep");
    private static final String HEADER = "[-A-Za-z0-9]+";

    private final List<Problem> problems;

    LifecycleRules(List<Problem> problems) {
        this.problems = problems;
    }

    /** @param grace the pod's terminationGracePeriodSeconds */
    void check(JsonNode lifecycle, long grace, String path) {
        for (String hook : List.of("postStart", "preStop")) {
            if (lifecycle.has(hook)) {
                handler(lifecycle.path(hook), grace, path + "." + hook);
            }
        }
    }

    private void handler(JsonNode handler, long grace, String path) {
        List<String> found = HANDLERS.stream().filter(handler::has).toList();
        if (found.isEmpty()) {
            problems.add(Problem.required(path, "must specify a handler type"));
            return;
        }
        JsonNode action = handler.path(found.getFirst());
        String place = path + "." + found.getFirst();
        switch (found.getFirst()) {
            case "exec" -> {
                if (action.path("command").isEmpty()) {
                    problems.add(Problem.required(place + ".command", ""));
                }
            }
            case "httpGet" -> http(action, place);
            case "sleep" -> sleep(action.path("seconds"), grace, place);
            default -> {} // the table of fields refuses it
        }
        found.stream()
                .skip(1)
                .forEach(more ->
                        problems.add(Problem.forbidden(path + "." + more, "may not specify more than 1 handler type")));
    }

    private void http(JsonNode action, String path) {
        PodRules.port(problems, action.path("port"), path + ".port");
        action.path("httpHeaders").forEach(header -> {
            String name = Json.textAt(header, "name");
            if (!name.isEmpty() && !name.matches(HEADER)) {
                problems.add(Problem.invalid(
                        path + ".httpHeaders",
                        name,
                        "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '"
                                + HEADER + "')"));
            }
        });
    }

    private void sleep(JsonNode seconds, long grace, String path) {
        if (seconds.asLong(0) <= 0 || seconds.asLong(0) > grace) {
            problems.add(Problem.invalid(
                    path,
                    seconds,
                    "must be greater than 0 and less than terminationGracePeriodSeconds (" + grace + ")"));
        }
    }
}
