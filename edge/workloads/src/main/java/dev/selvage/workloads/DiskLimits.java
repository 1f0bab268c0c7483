package dev.selvage.workloads;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import dev.selvage.model.Pod;
import dev.selvage.model.PodContainer;
import dev.selvage.model.Quantity;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Which pods take more of the disk than they may, in upstream's words (kubernetes.io/docs/concepts/configuration/manage-resources-containers,
 * "Local ephemeral storage"; kubelet eviction: emptyDirLimitEviction, podEphemeralStorageLimitEviction, containerEphemeralStorageLimitEviction).
 */
final class DiskLimits {
    /** Of one container's limit: more is no disk. */
    private static final long MOST = 1L << 52;

    private final Volumes volumes;

    DiskLimits(Volumes volumes) {
        this.volumes = volumes;
    }

    /** @param written bytes that a container has written beside its volumes */
    Optional<String> exceeded(Pod pod, ToLongFunction<PodContainer> written) {
        return emptyDir(pod).or(() -> ephemeral(pod, written));
    }

    private Optional<String> emptyDir(Pod pod) {
        for (JsonNode volume : pod.spec().path("volumes")) {
            Optional<Quantity> limit = Quantity.parse(Json.textAt(volume, "emptyDir", "sizeLimit"));
            if (limit.isPresent()
                    && limit.get().units() > 0
                    && volumes.used(volume) > limit.get().units()) {
                return Optional.of("Usage of EmptyDir volume \"%s\" exceeds the limit \"%s\". "
                        .formatted(Json.textAt(volume, "name"), Json.textAt(volume, "emptyDir", "sizeLimit")));
            }
        }
        return Optional.empty();
    }

    private Optional<String> ephemeral(Pod pod, ToLongFunction<PodContainer> written) {
        long together = 0;
        boolean binary = true;
        for (PodContainer container : pod.containers()) {
            long limit = container.storageLimit().map(Quantity::units).orElse(0L);
            together = Math.addExact(together, Math.min(limit, MOST));
            binary = binary && container.storageLimitText().matches("(.*i)?");
        }
        if (together == 0) {
            return Optional.empty();
        }
        long used = 0;
        Optional<String> one = Optional.empty();
        for (PodContainer container : pod.containers()) {
            long own = written.applyAsLong(container);
            used += own;
            long limit = container.storageLimit().map(Quantity::units).orElse(0L);
            if (limit > 0 && own > limit && one.isEmpty()) {
                one = Optional.of("Container %s exceeded its local ephemeral storage limit \"%s\". "
                        .formatted(container.name(), container.storageLimitText()));
            }
        }
        for (JsonNode volume : pod.spec().path("volumes")) {
            if (volume.has("emptyDir")
                    && !Json.textAt(volume, "emptyDir", "medium").equals("Memory")) {
                used += volumes.used(volume);
            }
        }
        return used > together
                ? Optional.of("Pod ephemeral local storage usage exceeds the total limit of containers %s. "
                        .formatted(shown(together, binary)))
                : one;
    }

    /** As upstream writes a sum of quantities: with the largest suffix that leaves a whole number. */
    static String shown(long units, boolean binary) {
        long step = binary ? 1024 : 1000;
        String suffixes = binary ? "KMGTPE" : "kMGTPE";
        long left = units;
        int at = 0;
        while (left % step == 0 && left > 0 && at < suffixes.length()) {
            left /= step;
            at++;
        }
        return at == 0 ? Long.toString(left) : left + suffixes.substring(at - 1, at) + (binary ? "i" : "");
    }
}
