package dev.selvage.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.admission.Admissions;
import dev.selvage.model.Admission;
import dev.selvage.model.Admission.Operation;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Store;
import dev.selvage.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upstream: "Pod Security Standards" and "Pod Security Admission" (kubernetes.io/docs/concepts/security), its checks and words. */
@Timeout(60)
class PodSecurityTest {
    private static final String PREFIX = "pod-security.kubernetes.io/";
    private static final String PLAIN = "\"containers\":[{\"name\":\"app\",\"image\":\"busybox:1\"}]";
    private static final String CAREFUL = """
            "securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
            "containers":[{"name":"app","image":"busybox:1","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]""";

    private final Store store = Store.open(TestDatabase.create());
    private final List<String> warnings = new ArrayList<>();

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aProcessPodIsRefusedWhereTheNamespaceIsNotPrivileged() {
        namespace("strict", "enforce", "baseline");
        String process =
                "\"runtimeClassName\":\"process\",\"hostNetwork\":true,\"containers\":[{\"name\":\"app\",\"image\":\"host\",\"command\":[\"true\"]}]";
        refused("strict", process)
                .hasMessage(
                        "violates PodSecurity \"baseline:latest\": process runtime (runtimeClassName \"process\" counts as privileged),"
                                + " host namespaces (hostNetwork=true)");
        namespace("open", "enforce", "privileged");
        admit("open", process);
        namespace("silent", "warn", "baseline");
        admit("silent", process);
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("would violate PodSecurity \"baseline:latest\": process runtime");
    }

    @Test
    void theMessageOfAPlainPodUnderRestrictedIsUpstreams() {
        namespace("strict", "enforce", "restricted");
        refused("strict", PLAIN)
                .hasMessage(
                        "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"app\" must set"
                                + " securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"app\" must set"
                                + " securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"app\" must set"
                                + " securityContext.runAsNonRoot=true), seccompProfile (pod or container \"app\" must set"
                                + " securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")");
        admit("strict", CAREFUL);
        assertThat(warnings).isEmpty();
    }

    @Test
    void eachCheckOfBaselineHasItsWords() {
        namespace("base", "enforce", "baseline");
        admit("base", PLAIN);
        refused("base", "\"hostNetwork\":true,\"hostPID\":true," + PLAIN)
                .hasMessageContaining("host namespaces (hostNetwork=true, hostPID=true)");
        refused("base", "\"volumes\":[{\"name\":\"v\",\"hostPath\":{\"path\":\"/\"}}]," + PLAIN)
                .hasMessageContaining("hostPath volumes (volume \"v\")");
        refused("base", container("\"ports\":[{\"containerPort\":80,\"hostPort\":8080}]"))
                .hasMessageContaining("hostPort (container \"app\" uses hostPort 8080)");
        refused("base", container("\"securityContext\":{\"privileged\":true}"))
                .hasMessageContaining("privileged (container \"app\" must not set securityContext.privileged=true)");
        refused("base", container("\"securityContext\":{\"capabilities\":{\"add\":[\"NET_ADMIN\",\"CHOWN\"]}}"))
                .hasMessageContaining(
                        "non-default capabilities (container \"app\" must not include \"NET_ADMIN\" in securityContext.capabilities.add)");
        refused("base", container("\"securityContext\":{\"procMount\":\"Unmasked\"}"))
                .hasMessageContaining(
                        "procMount (container \"app\" must not set securityContext.procMount to \"Unmasked\")");
        refused("base", container("\"securityContext\":{\"seccompProfile\":{\"type\":\"Unconfined\"}}"))
                .hasMessageContaining(
                        "seccompProfile (container \"app\" must not set securityContext.seccompProfile.type to \"Unconfined\")");
        refused("base", "\"securityContext\":{\"sysctls\":[{\"name\":\"kernel.msgmax\",\"value\":\"1\"}]}," + PLAIN)
                .hasMessageContaining("forbidden sysctls (kernel.msgmax)");
        refused("base", "\"securityContext\":{\"seLinuxOptions\":{\"type\":\"spc_t\",\"user\":\"u\"}}," + PLAIN)
                .hasMessageContaining(
                        "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"spc_t\"; user may not be set)");
        refused(
                        "base",
                        "\"initContainers\":[{\"name\":\"a\",\"securityContext\":{\"privileged\":true}},{\"name\":\"b\",\"securityContext\":{\"privileged\":true}}],"
                                + PLAIN)
                .hasMessageContaining("privileged (containers \"a\", \"b\" must not set");
    }

    @Test
    void eachCheckOfRestrictedHasItsWords() {
        namespace("strict", "enforce", "restricted");
        refused("strict", CAREFUL + ",\"volumes\":[{\"name\":\"v\",\"nfs\":{}}]")
                .hasMessageEndingWith("restricted volume types (volume \"v\" uses restricted volume type \"nfs\")");
        refused("strict", CAREFUL.replace("\"runAsNonRoot\":true", "\"runAsNonRoot\":true,\"runAsUser\":0"))
                .hasMessageEndingWith("runAsUser=0 (pod must not set runAsUser=0)");
        refused("strict", CAREFUL.replace("\"runAsNonRoot\":true", "\"runAsNonRoot\":false"))
                .hasMessageEndingWith("runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)");
        refused("strict", CAREFUL.replace("\"drop\":[\"ALL\"]", "\"drop\":[\"ALL\"],\"add\":[\"CHOWN\"]"))
                .hasMessageEndingWith(
                        "unrestricted capabilities (container \"app\" must not include \"CHOWN\" in securityContext.capabilities.add)");
        admit("strict", CAREFUL.replace("\"drop\":[\"ALL\"]", "\"drop\":[\"ALL\"],\"add\":[\"NET_BIND_SERVICE\"]"));
    }

    /** "Enforce is not applied to workload resources, only to the resulting pod objects"; warn and audit are. */
    @Test
    void aWorkloadIsWarnedOfForItsTemplateAndNotRefused() {
        namespace("team", "enforce", "restricted", "warn", "restricted");
        ObjectNode deployment = Json.parseObject(
                "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"namespace\":\"team\",\"name\":\"web\"},"
                        + "\"spec\":{\"template\":{\"spec\":{" + PLAIN + "}}}}");
        admit(Operation.CREATE, null, deployment);
        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation");
        admit(Operation.UPDATE, deployment, deployment.deepCopy());
        assertThat(warnings).as("an update of something else").hasSize(1);
    }

    @Test
    void anUnknownLevelIsRefusedAndAStricterOneNamesThePodsThatAreThere() {
        ObjectNode namespace = namespace("team", "enforce", "privileged");
        ObjectNode wrong = labelled(namespace, "enforce", "strict");
        assertThatThrownBy(() -> admit(Operation.UPDATE, namespace, wrong))
                .hasMessageContaining("must be one of privileged, baseline, restricted");
        assertThatThrownBy(() -> admit(Operation.UPDATE, namespace, labelled(namespace, "enforce-version", "1.25")))
                .hasMessageContaining("must be \"latest\" or \"v1.x\"");
        for (int i = 0; i < 3; i++) {
            store.resources().create(pod("team", "p" + i, container("\"securityContext\":{\"privileged\":true}")));
        }
        admit(Operation.UPDATE, namespace, labelled(namespace, "enforce", "baseline"));
        assertThat(warnings)
                .containsExactly(
                        "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"",
                        "p0 (and 2 other pods): privileged");
    }

    private static String container(String members) {
        return "\"containers\":[{\"name\":\"app\",\"image\":\"busybox:1\"," + members + "}]";
    }

    private ObjectNode namespace(String name, String... labels) {
        ObjectNode namespace = Json.parseObject(
                "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"" + name + "\"}}");
        for (int i = 0; i < labels.length; i += 2) {
            namespace = labelled(namespace, labels[i], labels[i + 1]);
        }
        store.resources().create(namespace);
        return namespace;
    }

    private static ObjectNode labelled(ObjectNode namespace, String mode, String value) {
        ObjectNode copy = namespace.deepCopy();
        Json.child(Json.child(copy, "metadata"), "labels").put(PREFIX + mode, value);
        return copy;
    }

    private static ObjectNode pod(String namespace, String name, String spec) {
        return Json.parseObject("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"" + namespace
                + "\",\"name\":\"" + name + "\"},\"spec\":{" + spec + "}}");
    }

    private AbstractThrowableAssert<?, AdmissionDenied> refused(String namespace, String spec) {
        AdmissionDenied denied = catchThrowableOfType(AdmissionDenied.class, () -> admit(namespace, spec));
        assertThat(denied).as(spec).isNotNull();
        assertThat(denied.code()).isEqualTo(403);
        return assertThat(denied);
    }

    private void admit(String namespace, String spec) {
        admit(Operation.CREATE, null, pod(namespace, "p", spec));
    }

    private void admit(Operation operation, @Nullable ObjectNode old, ObjectNode object) {
        var kind = Kinds.byKind(Json.textAt(object, "apiVersion"), Json.textAt(object, "kind"))
                .orElseThrow();
        var request = new Admission.Request(
                operation, kind, ObjectKey.of(object), old, object, "tester", false, warnings::add);
        Admissions.all(store.resources()).forEach(admission -> admission.admit(request));
    }
}
