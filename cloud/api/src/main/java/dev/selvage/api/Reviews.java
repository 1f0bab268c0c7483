package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;

/** Answers to "may I": {@code kubectl auth can-i}, {@code kubectl auth whoami}. */
final class Reviews {
    private final Intake intake;

    Reviews(Intake intake) {
        this.intake = intake;
    }

    void answer(Exchange exchange, String resource) {
        ObjectNode review = intake.options(exchange);
        Caller caller = exchange.caller();
        switch (resource) {
            case "selfsubjectaccessreviews" -> {
                head(review, "authorization.k8s.io/v1", "SelfSubjectAccessReview");
                ObjectNode status = review.putObject("status").put("allowed", caller.admin());
                if (!caller.admin()) {
                    status.put("reason", "only members of " + Caller.ADMINS + " have rights here");
                }
            }
            case "selfsubjectrulesreviews" -> {
                head(review, "authorization.k8s.io/v1", "SelfSubjectRulesReview");
                ObjectNode status = review.putObject("status");
                ArrayNode rules = status.putArray("resourceRules");
                ArrayNode urls = status.putArray("nonResourceRules");
                if (caller.admin()) {
                    ObjectNode rule = rules.addObject();
                    rule.putArray("verbs").add("*");
                    rule.putArray("apiGroups").add("*");
                    rule.putArray("resources").add("*");
                    ObjectNode url = urls.addObject();
                    url.putArray("verbs").add("*");
                    url.putArray("nonResourceURLs").add("*");
                }
                status.put("incomplete", false);
            }
            case "selfsubjectreviews" -> {
                head(review, "authentication.k8s.io/v1", "SelfSubjectReview");
                ObjectNode user =
                        review.putObject("status").putObject("userInfo").put("username", caller.user());
                ArrayNode groups = user.putArray("groups");
                caller.groups().forEach(groups::add);
            }
            default -> throw ApiFailure.noSuchPath();
        }
        exchange.send(201, review);
    }

    private static void head(ObjectNode review, String apiVersion, String kind) {
        review.put("apiVersion", apiVersion).put("kind", kind);
        Json.child(review, "metadata");
    }
}
