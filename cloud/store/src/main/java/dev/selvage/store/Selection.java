package dev.selvage.store;

import dev.selvage.model.FieldSelector;
import dev.selvage.model.Kind;
import dev.selvage.model.LabelSelector;
import dev.selvage.model.ObjectKey;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of one kind.
 *
 * @param resource {@link Kind#id()}
 * @param namespace null for all
 */
public record Selection(String resource, @Nullable String namespace, LabelSelector labels, FieldSelector fields) {
    public static Selection all(Kind kind) {
        return new Selection(kind.id(), null, LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);
    }

    public static Selection in(Kind kind, String namespace) {
        return new Selection(kind.id(), namespace, LabelSelector.EVERYTHING, FieldSelector.EVERYTHING);
    }

    public Selection with(FieldSelector fieldSelector) {
        return new Selection(resource, namespace, labels, fieldSelector);
    }

    public Selection with(LabelSelector labelSelector) {
        return new Selection(resource, namespace, labelSelector, fields);
    }

    boolean matches(ObjectKey key, Marks marks) {
        return (namespace == null || namespace.equals(key.namespace()))
                && labels.matches(marks.labels())
                && fields.matches(path -> switch (path) {
                    case "metadata.name" -> key.name();
                    case "metadata.namespace" -> key.namespace();
                    default -> marks.fields().getOrDefault(path, "");
                });
    }

    boolean selective() {
        return !labels.requirements().isEmpty() || !fields.requirements().isEmpty();
    }
}
