package dev.selvage.api;

import dev.selvage.model.CronRuns;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What upstream's protobuf descriptors do not say about the built-in types: required fields, enumerations, patch merge
 * keys and pointer fields. Source: kubernetes/api {@code types.go} and {@code swagger.json} of Kubernetes 1.31.
 */
final class SchemaTable {
    /** How a list is merged by a strategic merge patch; {@code key} is empty for lists of scalars. */
    record Merge(String key, boolean retainKeys) {}

    private static final Merge SCALARS = new Merge("", false);

    private static Merge by(String key) {
        return new Merge(key, false);
    }

    static final Map<String, Merge> MERGE = Map.ofEntries(
            Map.entry("ObjectMeta.finalizers", SCALARS),
            Map.entry("ObjectMeta.ownerReferences", by("uid")),
            Map.entry("PodSpec.volumes", new Merge("name", true)),
            Map.entry("PodSpec.initContainers", by("name")),
            Map.entry("PodSpec.containers", by("name")),
            Map.entry("PodSpec.ephemeralContainers", by("name")),
            Map.entry("PodSpec.imagePullSecrets", by("name")),
            Map.entry("PodSpec.hostAliases", by("ip")),
            Map.entry("PodSpec.topologySpreadConstraints", by("topologyKey")),
            Map.entry("PodSpec.schedulingGates", by("name")),
            Map.entry("PodSpec.resourceClaims", new Merge("name", true)),
            Map.entry("Container.ports", by("containerPort")),
            Map.entry("Container.env", by("name")),
            Map.entry("Container.volumeMounts", by("mountPath")),
            Map.entry("Container.volumeDevices", by("devicePath")),
            Map.entry("PodStatus.conditions", by("type")),
            Map.entry("PodStatus.podIPs", by("ip")),
            Map.entry("NodeSpec.podCIDRs", SCALARS),
            Map.entry("NodeStatus.conditions", by("type")),
            Map.entry("NodeStatus.addresses", by("type")),
            Map.entry("NamespaceStatus.conditions", by("type")),
            Map.entry("DeploymentStatus.conditions", by("type")),
            Map.entry("ReplicaSetStatus.conditions", by("type")),
            Map.entry("DaemonSetStatus.conditions", by("type")),
            Map.entry("JobStatus.conditions", by("type")));

    static final Map<String, List<String>> REQUIRED = Map.ofEntries(
            Map.entry("PodSpec", List.of("containers")),
            Map.entry("Container", List.of("name")),
            Map.entry("ContainerPort", List.of("containerPort")),
            Map.entry("EnvVar", List.of("name")),
            Map.entry("VolumeMount", List.of("name", "mountPath")),
            Map.entry("Volume", List.of("name")),
            Map.entry("ConfigMapKeySelector", List.of("key")),
            Map.entry("SecretKeySelector", List.of("key")),
            Map.entry("ObjectFieldSelector", List.of("fieldPath")),
            Map.entry("ResourceFieldSelector", List.of("resource")),
            Map.entry("KeyToPath", List.of("key", "path")),
            Map.entry("DownwardAPIVolumeFile", List.of("path")),
            Map.entry("HTTPGetAction", List.of("port")),
            Map.entry("HTTPHeader", List.of("name", "value")),
            Map.entry("TCPSocketAction", List.of("port")),
            Map.entry("GRPCAction", List.of("port")),
            Map.entry("HostPathVolumeSource", List.of("path")),
            Map.entry("Taint", List.of("key", "effect")),
            Map.entry("NodeSelector", List.of("nodeSelectorTerms")),
            Map.entry("NodeSelectorRequirement", List.of("key", "operator")),
            Map.entry("LabelSelectorRequirement", List.of("key", "operator")),
            Map.entry("OwnerReference", List.of("apiVersion", "kind", "name", "uid")),
            Map.entry("Event", List.of("metadata", "involvedObject")),
            Map.entry("DeploymentSpec", List.of("selector", "template")),
            Map.entry("ReplicaSetSpec", List.of("selector")),
            Map.entry("PriorityClass", List.of("value")),
            Map.entry("DaemonSetSpec", List.of("selector", "template")),
            Map.entry("JobSpec", List.of("template")),
            Map.entry("CronJobSpec", List.of("schedule", "jobTemplate")),
            Map.entry("SuccessPolicy", List.of("rules")),
            Map.entry("PodFailurePolicy", List.of("rules")),
            Map.entry("PodFailurePolicyRule", List.of("action")),
            Map.entry("PodFailurePolicyOnExitCodesRequirement", List.of("operator", "values")),
            Map.entry("PodFailurePolicyOnPodConditionsPattern", List.of("type", "status")));

    static final Map<String, List<String>> ENUMS = Map.ofEntries(
            Map.entry("PodSpec.restartPolicy", List.of("Always", "Never", "OnFailure")),
            Map.entry("PodSpec.dnsPolicy", List.of("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")),
            Map.entry("Container.imagePullPolicy", List.of("Always", "IfNotPresent", "Never")),
            Map.entry("Container.terminationMessagePolicy", List.of("FallbackToLogsOnError", "File")),
            Map.entry("ContainerPort.protocol", List.of("SCTP", "TCP", "UDP")),
            Map.entry("Taint.effect", List.of("NoExecute", "NoSchedule", "PreferNoSchedule")),
            Map.entry("Toleration.operator", List.of("Equal", "Exists")),
            Map.entry("HTTPGetAction.scheme", List.of("HTTP", "HTTPS")),
            Map.entry("NodeSelectorRequirement.operator", List.of("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn")),
            Map.entry("LabelSelectorRequirement.operator", List.of("DoesNotExist", "Exists", "In", "NotIn")),
            Map.entry("DeploymentStrategy.type", List.of("Recreate", "RollingUpdate")),
            Map.entry("DaemonSetUpdateStrategy.type", List.of("OnDelete", "RollingUpdate")),
            Map.entry("JobSpec.completionMode", List.of("Indexed", "NonIndexed")),
            Map.entry("JobSpec.podReplacementPolicy", List.of("Failed", "TerminatingOrFailed")),
            Map.entry("PodFailurePolicyRule.action", List.of("Count", "FailIndex", "FailJob", "Ignore")),
            Map.entry("PodFailurePolicyOnExitCodesRequirement.operator", List.of("In", "NotIn")),
            Map.entry("CronJobSpec.concurrencyPolicy", List.of("Allow", "Forbid", "Replace")));

    /**
     * Go pointers to scalars: here zero differs from absent. Elsewhere a protobuf body carries zero for every field
     * that its sender never set, and zero means absent ({@code omitempty}).
     */
    static final Set<String> POINTERS = Set.of(
            "activeDeadlineSeconds",
            "allowPrivilegeEscalation",
            "automountServiceAccountToken",
            "backoffLimit",
            "backoffLimitPerIndex",
            "blockOwnerDeletion",
            "collisionCount",
            "completions",
            "controller",
            "defaultMode",
            "deletionGracePeriodSeconds",
            "enableServiceLinks",
            "failedJobsHistoryLimit",
            "fsGroup",
            "gracePeriodSeconds",
            "hostUsers",
            "immutable",
            "leaseDurationSeconds",
            "leaseTransitions",
            "manualSelector",
            "maxFailedIndexes",
            "mode",
            "optional",
            "orphanDependents",
            "parallelism",
            "priority",
            "minDomains",
            "privileged",
            "progressDeadlineSeconds",
            "readOnlyRootFilesystem",
            "replicas",
            "revisionHistoryLimit",
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
            "started",
            "startingDeadlineSeconds",
            "succeededCount",
            "successfulJobsHistoryLimit",
            "suspend",
            "terminationGracePeriodSeconds",
            "tolerationSeconds",
            "ttlSecondsAfterFinished");

    /** Go embeds these structs, so their fields appear in JSON one level higher than in protobuf. */
    static final Set<String> INLINE = Set.of(
            "volumeSource", "handler", "localObjectReference", "ephemeralContainerCommon", "persistentVolumeSource");

    /** Fields that the platform adds to upstream's types, by type and name: a string, or an object of booleans. */
    static final Map<String, Map<String, String>> OWN = Map.of(
            "CronJobStatus", Map.of(CronRuns.KEEPER, "string"), "NodeStatus", Map.of(CronRuns.FEATURES, "booleans"));

    /** One sentence for {@code kubectl explain}; the descriptors carry no comments. */
    static final Map<String, String> DESCRIPTIONS = Map.ofEntries(
            Map.entry("Pod", "Pod is a set of containers that run together on one node."),
            Map.entry("PodSpec", "PodSpec is a description of a pod. Fields that no runtime here honours are refused."),
            Map.entry("Container", "A single container (for the process runtime: one process tree) within a pod."),
            Map.entry("Node", "Node is a machine at the edge that runs pods, devices and streams."),
            Map.entry("Namespace", "Namespace is a tenant: it scopes names, and streams and devices never cross it."),
            Map.entry("ConfigMap", "ConfigMap holds configuration data for pods to consume."),
            Map.entry("Secret", "Secret holds secret data of a certain type."),
            Map.entry("Event", "Event is a report of an event somewhere in the system, kept for a limited time."),
            Map.entry("Lease", "Lease defines a lease concept."),
            Map.entry("Deployment", "Deployment enables declarative updates for Pods and ReplicaSets."),
            Map.entry(
                    "PriorityClass",
                    "PriorityClass names a priority; pods of a higher one may take the place of others."),
            Map.entry("CronJobStatus.nodeName", "The node that keeps the schedule; none where the centre does."),
            Map.entry("NodeStatus.features", "What the node's agent can do beyond running pods."),
            Map.entry("PodSpec.affinity", "Which nodes the pod needs or likes, and near or far from which other pods."),
            Map.entry("PodSpec.topologySpreadConstraints", "How evenly pods spread over sites, regions or nodes."),
            Map.entry("PodSpec.priorityClassName", "The PriorityClass that gives the pod its priority."),
            Map.entry("ReplicaSet", "ReplicaSet ensures that a specified number of pod replicas are running."),
            Map.entry("DaemonSet", "DaemonSet runs one pod on every node that its template fits."),
            Map.entry("ControllerRevision", "ControllerRevision is one version of a workload's template, for an undo."),
            Map.entry("Job", "Job runs pods until enough of them have succeeded."),
            Map.entry("CronJob", "CronJob makes Jobs at the times of a schedule."),
            Map.entry("CronJobSpec.schedule", "Five cron fields, a macro such as @daily, or @every DURATION."),
            Map.entry("CronJobSpec.timeZone", "Name in the tz database; the schedule is in UTC without."),
            Map.entry("JobSpec.backoffLimit", "Failed pods before the Job counts as failed; 6 by default."),
            Map.entry(
                    "JobSpec.backoffLimitPerIndex",
                    "Failed pods of an index before it counts as failed; of Indexed Jobs only."),
            Map.entry("JobSpec.maxFailedIndexes", "Failed indexes beyond which the Job ends; any number without."),
            Map.entry("JobSpec.successPolicy", "When an Indexed Job counts as complete before all its indexes are."),
            Map.entry("JobSpec.completions", "Pods that have to succeed; any success is enough without."),
            Map.entry("ObjectMeta", "ObjectMeta is metadata that all persisted resources must have."),
            Map.entry(
                    "PodSpec.runtimeClassName",
                    "Which runtime runs the pod: \"container\", the default, is a container engine; \"process\" is bubblewrap and cgroups."),
            Map.entry("PodSpec.containers", "List of containers belonging to the pod; at least one."),
            Map.entry("PodSpec.initContainers", "Containers that run to completion, in order, before the others."),
            Map.entry("PodSpec.nodeSelector", "Labels a node must have for the pod to be scheduled there."),
            Map.entry("PodSpec.nodeName", "The node that runs the pod; the scheduler sets it when it is empty."),
            Map.entry("PodSpec.restartPolicy", "Restart policy for all containers: Always, OnFailure or Never."),
            Map.entry("PodSpec.hostNetwork", "The pod uses its node's network; process pods must say so."),
            Map.entry("PodSpec.tolerations", "The pod's tolerations of node taints."),
            Map.entry(
                    "PodSpec.volumes",
                    "Volumes that containers mount: configMap, secret, downwardAPI, projected, emptyDir, hostPath."),
            Map.entry("Container.image", "\"host\" or \"host:/dir\" for the process runtime: the root it sees."),
            Map.entry("Container.command", "Entrypoint array. Not executed within a shell."),
            Map.entry("Container.args", "Arguments to the entrypoint."),
            Map.entry("Container.env", "Environment variables to set in the container."),
            Map.entry("Container.resources", "CPU and memory the container requests and is limited to."));

    private SchemaTable() {}
}
