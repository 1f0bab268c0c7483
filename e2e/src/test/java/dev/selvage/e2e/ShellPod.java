package dev.selvage.e2e;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.selvage.model.Json;

/**
 * A process pod of one shell script in the namespace {@value #NAMESPACE}, as a manifest.
 *
 * @param spec further fields of the spec, as JSON members
 * @param container further fields of the container, as JSON members
 */
record ShellPod(String name, String script, String spec, String container) {
    static final String NAMESPACE = "default";

    /** Answers SIGTERM at once, which a shell that waits for its child would not. */
    static final String FOREVER = "trap 'exit 0' TERM; while true; do sleep 0.2; done";

    ShellPod(String name, String script) {
        this(name, script, "", "");
    }

    ShellPod spec(String members) {
        return new ShellPod(name, script, members, container);
    }

    ShellPod container(String members) {
        return new ShellPod(name, script, spec, members);
    }

    String manifest() {
        return manifest(NAMESPACE);
    }

    String manifest(String namespace) {
        ObjectNode pod = Json.parseObject("""
                {"apiVersion": "v1", "kind": "Pod", "metadata": {},
                 "spec": {"runtimeClassName": "process", "hostNetwork": true,
                  "containers": [{"name": "app", "image": "host", "command": ["sh", "-c", %s]%s}]%s}}
                """.formatted(TextNode.valueOf(script), members(container), members(spec)));
        ObjectNode all = Json.child(pod, "spec");
        if (!all.has("terminationGracePeriodSeconds")) {
            all.put("terminationGracePeriodSeconds", 2);
        }
        Json.child(pod, "metadata").put("name", name).put("namespace", namespace);
        return Json.text(pod);
    }

    private static String members(String json) {
        return json.isEmpty() ? "" : ", " + json;
    }
}
