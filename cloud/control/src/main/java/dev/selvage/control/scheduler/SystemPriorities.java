package dev.selvage.control.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.PriorityClass;

/** Writes down the two priority classes that every cluster has (upstream: system-cluster-critical, system-node-critical). */
public final class SystemPriorities implements Part {
    private final Informer classes;
    private final Writer writer;

    public SystemPriorities(Informers informers, Writer writer) {
        this.classes = informers.of(Kinds.PRIORITY_CLASS);
        this.writer = writer;
    }

    @Override
    public void start() {
        PriorityClass.SYSTEM.forEach((name, value) -> {
            if (classes.get(ObjectKey.cluster(Kinds.PRIORITY_CLASS, name)).isEmpty()) {
                writer.create(object(name, value));
            }
        });
    }

    @Override
    public void close() {}

    private static ObjectNode object(String name, int value) {
        ObjectNode object = Json.object()
                .put("apiVersion", Kinds.PRIORITY_CLASS.apiVersion())
                .put("kind", Kinds.PRIORITY_CLASS.kind());
        Meta.of(object).put("name", name);
        object.put("value", value).put("preemptionPolicy", PriorityClass.PREEMPT);
        return object.put(
                "description",
                name.equals("system-node-critical")
                        ? "Used for system critical pods that must not be moved from their current node."
                        : "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.");
    }
}
