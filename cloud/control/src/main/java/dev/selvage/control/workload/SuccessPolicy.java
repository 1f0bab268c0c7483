package dev.selvage.control.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.util.BitSet;
import java.util.Optional;

/** An Indexed Job's successPolicy (k8s.io/kubernetes/pkg/controller/job/success_policy.go): the first rule that is met ends the Job well. */
record SuccessPolicy(JsonNode rules) {
    static SuccessPolicy of(ObjectNode job) {
        return new SuccessPolicy(Json.at(job, "spec", "successPolicy", "rules"));
    }

    /**
     * What the condition says of the rule that is met; empty for none.
     *
     * @param done indexes that have succeeded
     * @param size number of indexes
     */
    Optional<String> met(BitSet done, int size) {
        for (int i = 0; i < rules.size() && !done.isEmpty(); i++) {
            if (met(rules.get(i), done, size)) {
                return Optional.of("Matched rules at index " + i);
            }
        }
        return Optional.empty();
    }

    private static boolean met(JsonNode rule, BitSet done, int size) {
        boolean counts = rule.hasNonNull("succeededCount");
        int count = rule.path("succeededCount").asInt();
        if (!rule.hasNonNull("succeededIndexes")) {
            return counts && done.cardinality() >= count;
        }
        BitSet wanted = Indexes.parse(Json.textAt(rule, "succeededIndexes"), size);
        BitSet found = (BitSet) wanted.clone();
        found.and(done);
        return !wanted.isEmpty() && (found.equals(wanted) || (counts && found.cardinality() >= count));
    }
}
