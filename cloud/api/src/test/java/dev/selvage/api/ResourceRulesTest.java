package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a container may ask of a node, by its runtime (docs/guides/container-pods.md, "The fields of a PodSpec"). */
class ResourceRulesTest {
    @Test
    void localStorageIsHonouredWhereAContainerHasALayerOfItsOwn() {
        String limits = "{\"limits\":{\"ephemeral-storage\":\"1Gi\"},\"requests\":{\"ephemeral-storage\":\"1Mi\"}}";
        assertThat(check("container", limits)).isEmpty();
        assertThat(check("process", limits))
                .contains(
                        "spec.containers[0].resources.limits[ephemeral-storage]: Forbidden: only cpu, memory are honoured here");
        assertThat(check("container", "{\"limits\":{\"nvidia.com/gpu\":\"1\"}}"))
                .containsExactly(
                        "spec.containers[0].resources.limits[nvidia.com/gpu]: Forbidden: only cpu, memory, ephemeral-storage are honoured here");
        assertThat(check(
                        "container",
                        "{\"limits\":{\"ephemeral-storage\":\"1Mi\"},\"requests\":{\"ephemeral-storage\":\"1Gi\"}}"))
                .containsExactly(
                        "spec.containers[0].resources.requests: Invalid value: \"1Gi\": must be less than or equal to ephemeral-storage limit of 1Mi");
    }

    private static List<String> check(String runtime, String resources) {
        List<Problem> problems = new ArrayList<>();
        new PodRules(new Definitions(), problems, "spec")
                .check(Json.parseObject("""
                {"runtimeClassName": "%s", "hostNetwork": %b, "containers": [{"name": "app", "image": "a:1", "resources": %s}]}
                """.formatted(runtime, runtime.equals("process"), resources)), false);
        return problems.stream().map(Problem::toString).toList();
    }
}
