package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * @param pullPolicy Always, IfNotPresent or Never
 * @param pullSecrets Secrets of type kubernetes.io/dockerconfigjson
 */
public record ImageRequest(String image, String pullPolicy, List<ObjectNode> pullSecrets) {}
