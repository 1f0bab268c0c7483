package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** design.md "Link": a node's slice holds the ConfigMaps and Secrets that its pods name, wherever they name them. */
class PodReferencesTest {
    @Test
    void sourcesOfProjectedVolumesAreAmongWhatAPodNeeds() {
        Pod pod = new Pod(Json.parseObject("""
                {"metadata": {"namespace": "shop", "name": "p"}, "spec": {
                 "containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "env"}}]}],
                 "volumes": [
                  {"name": "a", "secret": {"secretName": "plain"}},
                  {"name": "b", "projected": {"sources": [
                    {"configMap": {"name": "settings"}},
                    {"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
                    {"secret": {"name": "keys", "optional": true}}]}}]}}
                """));
        assertThat(pod.references())
                .containsExactlyInAnyOrder(
                        ObjectKey.of(Kinds.CONFIG_MAP, "shop", "env"),
                        ObjectKey.of(Kinds.SECRET, "shop", "plain"),
                        ObjectKey.of(Kinds.CONFIG_MAP, "shop", "settings"),
                        ObjectKey.of(Kinds.SECRET, "shop", "keys"));
    }
}
