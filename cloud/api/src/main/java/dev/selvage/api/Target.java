package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.ObjectKey;

/**
 * What a request is about.
 *
 * @param namespace empty for cluster scope and for lists over all namespaces
 * @param name empty for collections
 * @param subresource empty for the object itself
 */
record Target(Kind kind, String namespace, String name, String subresource) {
    /** As upstream's messages name it: {@code pods}, {@code devices.selvage.dev}. */
    String resource() {
        return kind.id();
    }

    ObjectKey key() {
        return ObjectKey.of(kind, namespace, name);
    }

    Target named(String other) {
        return new Target(kind, namespace, other, subresource);
    }

    ObjectNode details() {
        ObjectNode details = Json.object();
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!kind.group().isEmpty()) {
            details.put("group", kind.group());
        }
        return details.put("kind", kind.plural());
    }
}
