package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * @param run for which the image is wanted; the runtime's listener hears of it when what was slow is done
 * @param pullPolicy Always, IfNotPresent or Never
 * @param pullSecrets Secrets of type kubernetes.io/dockerconfigjson
 * @param events hears of pulls, in upstream's words
 */
public record ImageRequest(RunId run, String image, String pullPolicy, List<ObjectNode> pullSecrets, Events events) {
    /** Hears what happens on the way. */
    @FunctionalInterface
    public interface Events {
        void event(String type, String reason, String message);
    }
}
