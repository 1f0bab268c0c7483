package dev.selvage.control.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.selvage.model.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Upstream: "Pod QoS and resources", effective request of a pod with init containers and sidecars. */
class RequestsTest {
    @Test
    void initContainersCountOnlyWhereTheyAskForMoreThanTheContainersTogether() {
        assertThat(of("""
                {"containers":[{"resources":{"requests":{"cpu":"100m"}}},{"resources":{"requests":{"cpu":"200m","memory":"1Mi"}}}],
                 "initContainers":[{"resources":{"requests":{"cpu":"250m","memory":"2Mi"}}}]}""")).isEqualTo(new Requests(300, 2 << 20, Map.of()));
    }

    @Test
    void aSidecarRunsBesideTheContainersAndBesideLaterInitContainers() {
        assertThat(of("""
                {"containers":[{"resources":{"requests":{"cpu":"100m"}}}],
                 "initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"50m"}}},
                                   {"resources":{"requests":{"cpu":"120m"}}}]}""")).isEqualTo(new Requests(170, 0, Map.of()));
    }

    @Test
    void aLimitWithoutRequestIsTheRequestAndOverheadIsAdded() {
        assertThat(of("""
                {"containers":[{"resources":{"limits":{"cpu":"1","memory":"1Ki"},"requests":{"cpu":"500m"}}}],
                 "overhead":{"memory":"24"}}""")).isEqualTo(new Requests(500, 1048, Map.of()));
    }

    /** Upstream: "Managing resources", local ephemeral storage is scheduled by request as cpu and memory are. */
    @Test
    void localStorageIsAskedForAsOtherResourcesAre() {
        assertThat(of("""
                {"containers":[{"resources":{"limits":{"ephemeral-storage":"1Ki"}}},
                               {"resources":{"requests":{"ephemeral-storage":"2Ki"}}}]}""")).isEqualTo(new Requests(0, 0, Map.of("ephemeral-storage", 3072L)));
    }

    private static Requests of(String spec) {
        return Requests.of(Json.parseObject(spec));
    }
}
