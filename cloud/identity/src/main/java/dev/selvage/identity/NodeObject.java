package dev.selvage.identity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JoinToken;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The Node object of a machine that joins. */
final class NodeObject {
    static final String SITE = "selvage.dev/site";
    static final String HOST_NAME = "kubernetes.io/hostname";

    /** What a machine may say of itself; anything else could draw workloads to it that are meant for others. */
    private static final Set<String> OWN_LABELS =
            Set.of("kubernetes.io/arch", "kubernetes.io/os", HOST_NAME, "node.kubernetes.io/instance-type");

    private static final int MAX_LABEL_VALUE = 63;

    private NodeObject() {}

    static Optional<String> labelNotAllowed(Map<String, String> labels) {
        for (var label : labels.entrySet()) {
            if (!OWN_LABELS.contains(label.getKey())) {
                return Optional.of("label of the node: found \"" + label.getKey() + "\", accepted are "
                        + String.join(", ", OWN_LABELS.stream().sorted().toList())
                        + "; others come from the join token");
            }
            if (label.getValue().length() > MAX_LABEL_VALUE
                    || !label.getValue().matches("([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?")) {
                return Optional.of("label \"" + label.getKey()
                        + "\" of the node: found a value that is no label value of up to 63 characters");
            }
        }
        return Optional.empty();
    }

    /** Creates the object, or labels the one that an administrator made beforehand. */
    static Stored register(Resources resources, String node, JoinToken token, Map<String, String> own) {
        Map<String, String> labels = labels(node, token, own);
        ObjectNode object =
                Json.object().put("apiVersion", Kinds.NODE.apiVersion()).put("kind", Kinds.NODE.kind());
        Meta.of(object).put("name", node);
        putLabels(object, labels);
        object.putObject("spec");
        Outcome created = resources.create(object);
        Outcome outcome = created instanceof Outcome.AlreadyExists
                ? resources.mutate(ObjectKey.cluster(Kinds.NODE, node), present -> putLabels(present, labels))
                : created;
        return outcome.success()
                .orElseThrow(() ->
                        new IdentityException("the Node \"" + node + "\" could not be created: " + outcome, null));
    }

    private static ObjectNode putLabels(ObjectNode object, Map<String, String> labels) {
        ObjectNode present = Json.child(Meta.of(object), "labels");
        labels.forEach(present::put);
        return object;
    }

    private static Map<String, String> labels(String node, JoinToken token, Map<String, String> own) {
        Map<String, String> labels = new LinkedHashMap<>(own);
        labels.put(HOST_NAME, node);
        labels.putAll(token.labels());
        if (!token.site().isEmpty()) {
            labels.put(SITE, token.site());
        }
        return labels;
    }
}
