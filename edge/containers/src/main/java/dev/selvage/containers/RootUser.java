package dev.selvage.containers;

import dev.selvage.workloads.RunSpec;
import java.util.Optional;

/** runAsNonRoot (core/v1 SecurityContext), with the kubelet's words. */
final class RootUser {
    private RootUser() {}

    /** @param ofImage the image's USER: empty, a name or a number, and perhaps a group */
    static Optional<String> refusal(RunSpec.User user, String ofImage) {
        if (!user.nonRoot()) {
            return Optional.empty();
        }
        if (user.uid() != RunSpec.User.OF_IMAGE) {
            return user.uid() == 0 ? Optional.of("container's runAsUser breaks non-root policy") : Optional.empty();
        }
        int colon = ofImage.indexOf(':');
        String name = colon < 0 ? ofImage : ofImage.substring(0, colon);
        if (name.isEmpty() || name.matches("0+")) {
            return Optional.of("container has runAsNonRoot and image will run as root");
        }
        return name.matches("\\d+")
                ? Optional.empty()
                : Optional.of(
                        "container has runAsNonRoot and image has non-numeric user (%s), cannot verify user is non-root"
                                .formatted(name));
    }
}
