package dev.selvage.api;

import dev.selvage.model.FieldSelector;
import dev.selvage.model.LabelSelector;
import dev.selvage.store.SelectableFields;
import dev.selvage.store.Selection;
import java.util.List;

/** Reads labelSelector and fieldSelector of a request. */
final class Selections {
    private Selections() {}

    static Selection of(Exchange exchange, Target target) {
        FieldSelector fields = fields(exchange.parameter("fieldSelector"), target);
        String namespace = target.namespace().isEmpty() ? null : target.namespace();
        if (!target.name().isEmpty()) {
            fields = new FieldSelector(java.util.stream.Stream.concat(
                            fields.requirements().stream(),
                            java.util.stream.Stream.of(
                                    new FieldSelector.Requirement("metadata.name", true, target.name())))
                    .toList());
        }
        return new Selection(target.kind().id(), namespace, labels(exchange.parameter("labelSelector")), fields);
    }

    private static LabelSelector labels(String text) {
        try {
            return LabelSelector.parse(bounded("labelSelector", text));
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("unable to parse labelSelector: " + e.getMessage());
        }
    }

    private static FieldSelector fields(String text, Target target) {
        FieldSelector selector;
        try {
            selector = FieldSelector.parse(bounded("fieldSelector", text));
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("unable to parse fieldSelector: " + e.getMessage());
        }
        List<String> known = SelectableFields.of(target.kind().id());
        for (FieldSelector.Requirement requirement : selector.requirements()) {
            if (!known.contains(requirement.field())) {
                throw ApiFailure.badRequest("field label not supported: " + requirement.field() + "; accepted are "
                        + String.join(", ", known));
            }
        }
        return selector;
    }

    private static String bounded(String name, String text) {
        if (text.length() > 8192) {
            throw ApiFailure.badRequest(name + " is longer than 8192 characters");
        }
        return text;
    }
}
