package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import io.kubernetes.client.proto.IntStr;
import io.kubernetes.client.proto.Meta;
import io.kubernetes.client.proto.Runtime;
import io.kubernetes.client.proto.V1;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyTest {
    private static final Schemas SCHEMAS = new Schemas();

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] envelope(String apiVersion, String kind, byte[] raw) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new byte[] {'k', '8', 's', 0});
        body.writeBytes(Runtime.Unknown.newBuilder()
                .setTypeMeta(
                        Runtime.TypeMeta.newBuilder().setApiVersion(apiVersion).setKind(kind))
                .setRaw(ByteString.copyFrom(raw))
                .build()
                .toByteArray());
        return body.toByteArray();
    }

    /** A Go client writes every field that is no pointer, set or not; none of these may become a value of the object. */
    @Test
    void aProtobufPodBecomesTheJsonThatTheSameClientWouldSend() {
        V1.Pod pod = V1.Pod.newBuilder()
                .setMetadata(Meta.ObjectMeta.newBuilder()
                        .setName("p")
                        .setGenerateName("")
                        .setUid("")
                        .setGeneration(0)
                        .setCreationTimestamp(Meta.Time.newBuilder())
                        .putLabels("app", "x"))
                .setSpec(V1.PodSpec.newBuilder()
                        .setHostNetwork(true)
                        .setHostPID(false)
                        .setTerminationGracePeriodSeconds(0)
                        .addVolumes(V1.Volume.newBuilder()
                                .setName("v")
                                .setVolumeSource(V1.VolumeSource.newBuilder()
                                        .setConfigMap(V1.ConfigMapVolumeSource.newBuilder()
                                                .setLocalObjectReference(V1.LocalObjectReference.newBuilder()
                                                        .setName("c")))))
                        .addContainers(V1.Container.newBuilder()
                                .setName("main")
                                .setWorkingDir("")
                                .setReadinessProbe(V1.Probe.newBuilder()
                                        .setInitialDelaySeconds(0)
                                        .setHandler(V1.ProbeHandler.newBuilder()
                                                .setHttpGet(V1.HTTPGetAction.newBuilder()
                                                        .setPort(IntStr.IntOrString.newBuilder()
                                                                .setType(0)
                                                                .setIntVal(8080)))))))
                .build();
        ObjectNode json = ProtobufBody.parse(envelope("v1", "Pod", pod.toByteArray()), SCHEMAS::message);
        assertThat(Json.text(json).replace('"', '\''))
                .isEqualTo("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'p','labels':{'app':'x'}},"
                        + "'spec':{'volumes':[{'name':'v','configMap':{'name':'c'}}],'containers':[{'name':'main',"
                        + "'readinessProbe':{'httpGet':{'port':8080}}}],'terminationGracePeriodSeconds':0,"
                        + "'hostNetwork':true}}");
    }

    @Test
    void aProtobufSecretKeepsItsBytesAsBase64() {
        V1.Secret secret = V1.Secret.newBuilder()
                .putData("key", ByteString.copyFrom(new byte[] {0, 1, 2}))
                .setType("Opaque")
                .build();
        ObjectNode json = ProtobufBody.parse(envelope("v1", "Secret", secret.toByteArray()), SCHEMAS::message);
        assertThat(json.path("data").path("key").asText()).isEqualTo("AAEC");
    }

    @Test
    void wrongProtobufIsRefusedAndNeverThrowsAnythingElse() {
        assertThatThrownBy(() -> ProtobufBody.parse(utf8("{}"), SCHEMAS::message))
                .hasMessageContaining("does not begin");
        assertThatThrownBy(() -> ProtobufBody.parse(envelope("apps/v1", "StatefulSet", new byte[0]), SCHEMAS::message))
                .isInstanceOf(ApiFailure.class)
                .hasMessageContaining("no protobuf form of kind \"StatefulSet\"");
        byte[] pod = envelope("v1", "Pod", new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff});
        assertThatThrownBy(() -> ProtobufBody.parse(pod, SCHEMAS::message)).isInstanceOf(ApiFailure.class);
        java.util.Random random = new java.util.Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] noise = new byte[random.nextInt(60)];
            random.nextBytes(noise);
            byte[] body = envelope("v1", "Pod", noise);
            try {
                ProtobufBody.parse(body, SCHEMAS::message);
            } catch (ApiFailure refused) {
                assertThat(refused.code()).isEqualTo(400);
            }
        }
    }

    @Test
    void jsonRemembersRepeatedKeysWithTheirPlaces() {
        BodyParser.Parsed parsed = BodyParser.json(utf8("{\"a\":1,\"b\":[{\"c\":1,\"c\":2}],\"a\":3}"));
        assertThat(parsed.duplicates()).containsExactly("b[0].c", "a");
        assertThat(parsed.tree().path("a").asInt()).isEqualTo(3);
    }

    @Test
    void jsonThatIsTooDeepTruncatedOrNotJsonIsRefused() {
        for (String text : List.of(
                "[".repeat(100_000),
                "{\"a\":".repeat(65) + "1" + "}".repeat(65),
                "{\"a\":",
                "",
                "{}{}",
                "{\"a\":1e999}",
                "nul",
                "\u0000",
                "{\"a\":" + "9".repeat(1000) + "}")) {
            assertThatThrownBy(() -> BodyParser.json(utf8(text)))
                    .as(text.substring(0, Math.min(20, text.length())))
                    .isInstanceOf(ApiFailure.class);
        }
        assertThatThrownBy(() -> BodyParser.json(new byte[] {'"', (byte) 0xc3, '"'}))
                .isInstanceOf(ApiFailure.class);
    }

    @Test
    void yamlIsReadByItsCoreSchema() {
        assertThat(YamlParser.parse(utf8("{a: [1, 1.5, true, null, \"no\", no, 0o17]}"))
                        .toString())
                .isEqualTo("{\"a\":[1,1.5,true,null,\"no\",\"no\",15]}");
    }

    @Test
    void yamlWithRepeatedKeysBombsTagsOrDepthIsRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 9; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i))
                    .append("*a%d,".formatted(i - 1).repeat(9))
                    .append("*a%d]\n".formatted(i - 1));
        }
        for (String text : List.of(
                "a: 1\na: 2",
                bomb.toString(),
                "a: &x [*x]",
                "a: !!java.lang.Runtime {}",
                "[".repeat(5_000) + "]".repeat(5_000),
                "a: .nan",
                "? [a]\n: b",
                "a: 1\n---\nb: 2",
                "a: [")) {
            assertThatThrownBy(() -> YamlParser.parse(utf8(text)))
                    .as(text.substring(0, Math.min(20, text.length())))
                    .isInstanceOf(ApiFailure.class);
        }
    }

    @Test
    void aSchemaExistsForEveryKindAndPublishesFullObjectMeta() {
        Kinds.all().forEach(kind -> {
            assertThat(SCHEMAS.schema(kind)
                            .path("properties")
                            .path("metadata")
                            .path("$ref")
                            .asText())
                    .as(kind.id())
                    .isEqualTo("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
        });
        assertThat(SCHEMAS.definitions()
                        .require("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
                        .path("properties")
                        .has("managedFields"))
                .isTrue();
    }
}
