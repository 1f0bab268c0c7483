package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Upstream's validation of affinity, spread constraints and tolerations (pkg/apis/core/validation). */
class PlacementRulesTest {
    @Test
    void nodeAffinityIsCheckedTermByTerm() {
        String terms = "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms";
        assertThat(required("")).containsExactly(terms + ": Required value: must have at least one node selector term");
        assertThat(required("{\"matchExpressions\":[{\"key\":\"a b\",\"operator\":\"In\"}]}"))
                .anySatisfy(text ->
                        assertThat(text).startsWith(terms + "[0].matchExpressions[0].key: Invalid value: \"a b\""))
                .contains(
                        terms
                                + "[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'");
        assertThat(required("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Gt\",\"values\":[\"1\",\"2\"]}]}"))
                .containsExactly(
                        terms
                                + "[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'");
        assertThat(required("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Exists\",\"values\":[\"1\"]}]}"))
                .containsExactly(
                        terms
                                + "[0].matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        assertThat(required("{\"matchFields\":[{\"key\":\"spec.x\",\"operator\":\"Exists\"}]}"))
                .containsExactly(
                        terms + "[0].matchFields[0].operator: Invalid value: \"Exists\": not a valid selector operator",
                        terms + "[0].matchFields[0].key: Invalid value: \"spec.x\": not a valid field selector key");
    }

    @Test
    void weightsAndTopologyKeysOfPodAffinityAreNeeded() {
        assertThat(check("""
                {"affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":101,
                  "podAffinityTerm":{"matchLabelKeys":["x"],"namespaces":["No"]}}]}}}"""))
                .hasSize(4)
                .contains(
                        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100",
                        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey: Required value: can not be empty",
                        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.matchLabelKeys:"
                                + " Forbidden: must not be specified when labelSelector is not set");
    }

    @Test
    void spreadConstraintsAreCheckedAndEachPairIsOne() {
        assertThat(check("""
                {"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"z","whenUnsatisfiable":"Maybe"},
                  {"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"ScheduleAnyway","minDomains":2,"nodeTaintsPolicy":"x"},
                  {"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"ScheduleAnyway"}]}"""))
                .containsExactly(
                        "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
                        "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Maybe\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"",
                        "spec.topologySpreadConstraints[1].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
                        "spec.topologySpreadConstraints[1].nodeTaintsPolicy: Unsupported value: \"x\": supported values: \"Honor\", \"Ignore\"",
                        "spec.topologySpreadConstraints[2].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{z, ScheduleAnyway}\"");
    }

    @Test
    void tolerationsAreCheckedAsUpstreamDoes() {
        assertThat(check("""
                {"tolerations":[{"operator":"Equal","value":"x"},{"key":"a","operator":"Exists","value":"x"},
                  {"key":"a","tolerationSeconds":5,"effect":"NoSchedule"},{"operator":"Exists"}]}"""))
                .containsExactly(
                        "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which means \\\"match all values and all keys\\\""
                                .replace("\\", ""),
                        "spec.tolerations[1].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists'",
                        "spec.tolerations[2].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set");
    }

    @Test
    void aPodThatSaysTooMuchIsRefusedAtOnce() {
        StringBuilder values = new StringBuilder("\"v\"");
        for (int i = 0; i < PlacementRules.MOST_WORDS; i++) {
            values.append(",\"v").append(i).append('"');
        }
        assertThat(required("{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\",\"values\":[" + values + "]}]}"))
                .containsExactly("spec.affinity: Too many: " + (PlacementRules.MOST_WORDS + 3)
                        + ": affinity and topologySpreadConstraints must have at most 1024 keys and values together");
    }

    private static List<String> required(String terms) {
        return check(
                "{\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":["
                        + terms + "]}}}}");
    }

    private static List<String> check(String spec) {
        List<Problem> problems = new ArrayList<>();
        new PlacementRules(problems, "spec").check(Json.parseObject(spec));
        return problems.stream().map(Problem::toString).toList();
    }
}
