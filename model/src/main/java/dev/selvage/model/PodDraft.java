package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The pods that a workload's template describes (upstream's PodTemplateSpec). */
public final class PodDraft {
    private PodDraft() {}

    /** A pod without a name, owned by the workload that has the template. */
    public static ObjectNode of(ObjectNode owner) {
        JsonNode template = Json.at(owner, "spec", "template");
        ObjectNode pod = Json.object().put("apiVersion", Kinds.POD.apiVersion()).put("kind", Kinds.POD.kind());
        ObjectNode meta = Meta.of(pod);
        meta.put("namespace", Meta.namespace(owner));
        meta.put("generateName", prefix(Meta.name(owner)));
        for (String field : new String[] {"labels", "annotations", "finalizers"}) {
            JsonNode value = Json.at(template, "metadata", field);
            if (!value.isEmpty()) {
                meta.set(field, value.deepCopy());
            }
        }
        own(pod, owner);
        pod.set("spec", template.path("spec").deepCopy());
        return pod;
    }

    /** A name has 63 characters at most where it becomes a label or a host name; generated ones take five more. */
    private static String prefix(String owner) {
        return owner.length() > 57 ? owner.substring(0, 57) + "-" : owner + "-";
    }

    /** Makes the owner the object's controller. */
    public static void own(ObjectNode object, ObjectNode owner) {
        Meta.of(object)
                .withArray("ownerReferences")
                .addObject()
                .put("apiVersion", Json.textAt(owner, "apiVersion"))
                .put("kind", Json.textAt(owner, "kind"))
                .put("name", Meta.name(owner))
                .put("uid", Meta.uid(owner))
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }
}
