package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules of the Kubernetes API, one by one (kubernetes.io/docs/reference/using-api/api-concepts). */
class ResourceTest {
    private static final String JSON = "application/json";
    private static final String MERGE = "application/merge-patch+json";
    private static TestApi api;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
    }

    @AfterAll
    static void stop() {
        api.close();
    }

    private static ObjectNode parse(HttpResponse<String> response) {
        return Json.parseObject(response.body());
    }

    private static String maps(String namespace) {
        return "/api/v1/namespaces/" + namespace + "/configmaps";
    }

    private static ObjectNode create(String namespace, String name, String more) {
        HttpResponse<String> response =
                api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"" + name + "\"" + more + "}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return parse(response);
    }

    @Test
    void aNameIsGeneratedFromItsPrefix() {
        String namespace = api.namespace("rt-generate");
        HttpResponse<String> one =
                api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"generateName\":\"job-\"}}");
        assertThat(parse(one).path("metadata").path("name").asText()).matches("job-[a-z0-9]{5}");
    }

    @Test
    void anUpdateWithAnOldResourceVersionConflicts() {
        String namespace = api.namespace("rt-conflict");
        ObjectNode map = create(namespace, "c", "");
        map.putObject("data").put("a", "1");
        assertThat(api.send("PUT", maps(namespace) + "/c", JSON, map.toString()).statusCode())
                .isEqualTo(200);
        map.putObject("data").put("a", "2");
        HttpResponse<String> second = api.send("PUT", maps(namespace) + "/c", JSON, map.toString());
        assertThat(second.statusCode()).isEqualTo(409);
        assertThat(parse(second).path("reason").asText()).isEqualTo("Conflict");
        assertThat(parse(second).path("message").asText())
                .isEqualTo("Operation cannot be fulfilled on configmaps \"c\": the object has been modified; please"
                        + " apply your changes to the latest version and try again");
    }

    @Test
    void aWriteThatChangesNothingKeepsTheResourceVersion() {
        String namespace = api.namespace("rt-unchanged");
        String before = create(namespace, "c", "")
                .path("metadata")
                .path("resourceVersion")
                .asText();
        HttpResponse<String> patched = api.send("PATCH", maps(namespace) + "/c", MERGE, "{\"metadata\":{}}");
        assertThat(parse(patched).path("metadata").path("resourceVersion").asText())
                .isEqualTo(before);
    }

    @Test
    void errorsAreStatusesOfUpstreamsForm() {
        HttpResponse<String> missing = api.get("/api/v1/namespaces/default/pods/none");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.body())
                .isEqualTo("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","
                        + "\"message\":\"pods \\\"none\\\" not found\",\"reason\":\"NotFound\","
                        + "\"details\":{\"name\":\"none\",\"kind\":\"pods\"},\"code\":404}");
        String namespace = api.namespace("rt-errors");
        create(namespace, "c", "");
        HttpResponse<String> again = api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"c\"}}");
        assertThat(parse(again).path("reason").asText()).isEqualTo("AlreadyExists");
        HttpResponse<String> noNamespace = api.send("POST", maps("nowhere"), JSON, "{\"metadata\":{\"name\":\"c\"}}");
        assertThat(noNamespace.statusCode()).isEqualTo(404);
        assertThat(noNamespace.body()).contains("namespaces \\\"nowhere\\\" not found");
    }

    @Test
    void invalidObjectsNameEveryFieldWithUpstreamsCauses() {
        HttpResponse<String> response = api.send(
                "POST",
                maps("default"),
                JSON,
                "{\"metadata\":{\"name\":\"Bad_Name\",\"labels\":{\"a b\":\"c d\"}},\"data\":{\"x/y\":\"1\"}}");
        assertThat(response.statusCode()).isEqualTo(422);
        JsonNode causes = parse(response).path("details").path("causes");
        List<String> fields = new ArrayList<>();
        causes.forEach(cause -> fields.add(cause.path("field").asText()));
        assertThat(fields).containsExactly("metadata.name", "metadata.labels", "metadata.labels", "data[x/y]");
        assertThat(causes.get(0).path("reason").asText()).isEqualTo("FieldValueInvalid");
        assertThat(parse(response).path("message").asText())
                .startsWith(
                        "ConfigMap \"Bad_Name\" is invalid: [metadata.name: Invalid value: \"Bad_Name\": a lowercase"
                                + " RFC 1123 subdomain must consist of");
    }

    @Test
    void fieldsThatThePlatformAddsToUpstreamsTypesAreKnown() {
        assertIsKnown(
                "/api/v1/nodes",
                "{\"metadata\":{\"name\":\"own\"},\"status\":{\"features\":{\"boundCronJobs\":true}}}");
        assertIsKnown(
                "/apis/batch/v1/namespaces/default/cronjobs",
                "{\"metadata\":{\"name\":\"own\"},\"spec\":{\"schedule\":\"@daily\",\"jobTemplate\":{\"spec\":{\"template\":{\"spec\":"
                        + "{\"restartPolicy\":\"Never\",\"containers\":[{\"name\":\"c\",\"image\":\"host\"}]}}}}},"
                        + "\"status\":{\"nodeName\":\"edge-1\"}}");
    }

    private static void assertIsKnown(String path, String body) {
        HttpResponse<String> answer = api.send("POST", path + "?dryRun=All&fieldValidation=Strict", JSON, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    @Test
    void unknownAndRepeatedFieldsFollowFieldValidation() {
        String body = "{\"metadata\":{\"name\":\"strict\"},\"bad\":1,\"data\":{\"a\":\"1\",\"a\":\"2\"}}";
        HttpResponse<String> strict = api.send("POST", maps("default") + "?fieldValidation=Strict", JSON, body);
        assertThat(strict.statusCode()).isEqualTo(400);
        assertThat(parse(strict).path("message").asText())
                .isEqualTo("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error:"
                        + " duplicate field \"data.a\", unknown field \"bad\"");
        HttpResponse<String> warn = api.send("POST", maps("default") + "?dryRun=All", JSON, body);
        assertThat(warn.statusCode()).isEqualTo(201);
        assertThat(warn.headers().allValues("Warning"))
                .containsExactly("299 - \"duplicate field \\\"data.a\\\"\"", "299 - \"unknown field \\\"bad\\\"\"");
        assertThat(warn.body()).doesNotContain("\"bad\"");
        HttpResponse<String> ignore =
                api.send("POST", maps("default") + "?dryRun=All&fieldValidation=Ignore", JSON, body);
        assertThat(ignore.headers().allValues("Warning")).isEmpty();
        assertThat(api.get(maps("default") + "/strict").statusCode()).isEqualTo(404);
    }

    @Test
    void listsArePagedConsistently() {
        String namespace = api.namespace("rt-pages");
        for (int i = 0; i < 5; i++) {
            create(namespace, "c" + i, "");
        }
        List<String> names = new ArrayList<>();
        String token = "";
        do {
            ObjectNode page =
                    parse(api.get(maps(namespace) + "?limit=2" + (token.isEmpty() ? "" : "&continue=" + token)));
            page.path("items")
                    .forEach(
                            item -> names.add(item.path("metadata").path("name").asText()));
            token = page.path("metadata").path("continue").asText("");
            create(namespace, "d" + names.size(), "");
        } while (!token.isEmpty());
        assertThat(names).containsExactly("c0", "c1", "c2", "c3", "c4");
        assertThat(api.get(maps(namespace) + "?limit=2&continue=nonsense").statusCode())
                .isEqualTo(400);
    }

    @Test
    void selectorsSelectAndWrongOnesAreRefused() {
        String namespace = api.namespace("rt-select");
        create(namespace, "a", ",\"labels\":{\"tier\":\"front\"}");
        create(namespace, "b", ",\"labels\":{\"tier\":\"back\"}");
        assertThat(parse(api.get(maps(namespace) + "?labelSelector=tier%20in%20(front)"))
                        .path("items"))
                .hasSize(1);
        assertThat(parse(api.get(maps(namespace) + "?labelSelector=!tier")).path("items"))
                .isEmpty();
        assertThat(parse(api.get(maps(namespace) + "?fieldSelector=metadata.name%3Db"))
                        .path("items"))
                .hasSize(1);
        assertThat(api.get(maps(namespace) + "?labelSelector=a%20in%20(").statusCode())
                .isEqualTo(400);
        assertThat(api.get(maps(namespace) + "?fieldSelector=data.x%3D1").body())
                .contains("field label not supported");
    }

    @Test
    void immutableMapsAndSecretTypesStayAsTheyAre() {
        String namespace = api.namespace("rt-immutable");
        api.send(
                "POST",
                maps(namespace),
                JSON,
                "{\"metadata\":{\"name\":\"c\"},\"immutable\":true,\"data\":{\"a\":\"1\"}}");
        HttpResponse<String> changed = api.send("PATCH", maps(namespace) + "/c", MERGE, "{\"data\":{\"a\":\"2\"}}");
        assertThat(changed.statusCode()).isEqualTo(422);
        assertThat(changed.body()).contains("data: Forbidden: field is immutable when `immutable` is set");
        String secrets = "/api/v1/namespaces/" + namespace + "/secrets";
        HttpResponse<String> secret =
                api.send("POST", secrets, JSON, "{\"metadata\":{\"name\":\"s\"},\"stringData\":{\"k\":\"v\"}}");
        assertThat(parse(secret).path("data").path("k").asText()).isEqualTo("dg==");
        assertThat(parse(secret).has("stringData")).isFalse();
        assertThat(api.send("PATCH", secrets + "/s", MERGE, "{\"type\":\"other\"}")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void aFinalizerHoldsAnObjectUntilItIsTakenAway() {
        String namespace = api.namespace("rt-final");
        create(namespace, "c", ",\"finalizers\":[\"example.com/wait\"]");
        HttpResponse<String> deleted = api.send("DELETE", maps(namespace) + "/c", "", "");
        assertThat(parse(deleted).path("metadata").path("deletionTimestamp").asText())
                .isNotEmpty();
        assertThat(api.get(maps(namespace) + "/c").statusCode()).isEqualTo(200);
        api.send("PATCH", maps(namespace) + "/c", MERGE, "{\"metadata\":{\"finalizers\":null}}");
        assertThat(api.get(maps(namespace) + "/c").statusCode()).isEqualTo(404);
    }

    @Test
    void aDeleteWithAnotherUidIsRefused() {
        String namespace = api.namespace("rt-uid");
        create(namespace, "c", "");
        HttpResponse<String> wrong =
                api.send("DELETE", maps(namespace) + "/c", JSON, "{\"preconditions\":{\"uid\":\"other\"}}");
        assertThat(wrong.statusCode()).isEqualTo(409);
        HttpResponse<String> done = api.send("DELETE", maps(namespace) + "/c?propagationPolicy=Background", "", "");
        assertThat(parse(done).path("status").asText("")).isEqualTo("Success");
    }

    @Test
    void aCollectionIsDeletedBySelector() {
        String namespace = api.namespace("rt-collection");
        create(namespace, "a", ",\"labels\":{\"gone\":\"yes\"}");
        create(namespace, "b", "");
        HttpResponse<String> deleted = api.send("DELETE", maps(namespace) + "?labelSelector=gone", "", "");
        assertThat(parse(deleted).path("items")).hasSize(1);
        assertThat(parse(api.get(maps(namespace))).path("items")).hasSize(1);
    }

    @Test
    void standardNamespacesExistAreLabelledAndStay() {
        for (String name : List.of("default", "kube-system", "selvage-system")) {
            ObjectNode namespace = parse(api.get("/api/v1/namespaces/" + name));
            assertThat(namespace.path("status").path("phase").asText()).isEqualTo("Active");
            assertThat(namespace
                            .path("metadata")
                            .path("labels")
                            .path("kubernetes.io/metadata.name")
                            .asText())
                    .isEqualTo(name);
            assertThat(api.send("DELETE", "/api/v1/namespaces/" + name, "", "").statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void nothingNewComesIntoANamespaceThatIsBeingDeleted() {
        String namespace = api.namespace("rt-terminating");
        create(namespace, "held", ",\"finalizers\":[\"example.com/wait\"]");
        api.send("DELETE", "/api/v1/namespaces/" + namespace, "", "");
        assertThat(parse(api.get("/api/v1/namespaces/" + namespace))
                        .path("metadata")
                        .has("deletionTimestamp"))
                .isTrue();
        HttpResponse<String> refused = api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"new\"}}");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(parse(refused)
                        .path("details")
                        .path("causes")
                        .path(0)
                        .path("reason")
                        .asText())
                .isEqualTo("NamespaceTerminating");
    }

    /** Upstream's NamespaceLifecycle. */
    @Test
    void nothingComesIntoANamespaceThatWentWhileItWasAdmitted() {
        String namespace = api.namespace("rt-vanishing");
        var key = dev.selvage.model.ObjectKey.cluster(dev.selvage.model.Kinds.NAMESPACE, namespace);
        dev.selvage.model.Admission slow = request -> {
            if (request.key().name().equals("late")) {
                String uid = api.resources.get(key).orElseThrow().uid();
                api.resources.delete(key, dev.selvage.store.DeleteOptions.now(uid));
            }
        };
        api.admissions.add(slow);
        try {
            assertThat(api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"late\"}}")
                            .statusCode())
                    .isEqualTo(404);
        } finally {
            api.admissions.remove(slow);
        }
        assertThat(api.get(maps(namespace) + "/late").statusCode()).isEqualTo(404);
    }

    /** RFC 7234, 5.5, code 299: what an admission warns of reaches the client, once, on create, update and patch. */
    @Test
    void warningsOfAnAdmissionAreHeadersOfTheAnswer() {
        String namespace = api.namespace("rt-warn");
        Admission warner = request -> {
            if (request.key().namespace().equals(namespace)) {
                request.warnings().accept("would violate \"x\"");
                request.warnings().accept("would violate \"x\"");
            }
        };
        api.admissions.add(warner);
        try {
            HttpResponse<String> created = api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"c\"}}");
            HttpResponse<String> patched = api.send("PATCH", maps(namespace) + "/c", MERGE, "{\"data\":{\"a\":\"2\"}}");
            for (HttpResponse<String> answer : List.of(created, patched)) {
                assertThat(answer.headers().allValues("Warning")).containsExactly("299 - \"would violate \\\"x\\\"\"");
            }
        } finally {
            api.admissions.remove(warner);
        }
    }

    /** Upstream's namespace strategy: spec.finalizers survive every update; without them the contents would be left behind. */
    @Test
    void anUpdateDoesNotTakeTheFinalizerFromANamespace() {
        for (String spec : List.of("", ",\"spec\":{\"finalizers\":[]}")) {
            String namespace = api.namespace("rt-kept" + spec.length());
            String path = "/api/v1/namespaces/" + namespace;
            HttpResponse<String> replaced = api.send(
                    "PUT",
                    path,
                    JSON,
                    "{\"metadata\":{\"name\":\"" + namespace + "\",\"labels\":{\"a\":\"b\"}}" + spec + "}");
            assertThat(replaced.statusCode()).isEqualTo(200);
            assertThat(parse(replaced).path("spec").path("finalizers").path(0).asText())
                    .isEqualTo("kubernetes");
        }
        HttpResponse<String> made = api.send(
                "POST",
                "/api/v1/namespaces",
                JSON,
                "{\"metadata\":{\"name\":\"rt-bare\"},\"spec\":{\"finalizers\":[]}}");
        assertThat(parse(made).path("spec").path("finalizers").path(0).asText()).isEqualTo("kubernetes");
    }

    /** Design "Security": every write in an audit log, and so each that is refused. */
    @Test
    void refusedWritesAreInTheAuditLog() {
        List<String> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
        java.util.logging.Logger audit = java.util.logging.Logger.getLogger("audit");
        java.util.logging.Handler heard = new java.util.logging.Handler() {
            @Override
            public void publish(java.util.logging.LogRecord line) {
                lines.add(new java.util.logging.SimpleFormatter().formatMessage(line));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        audit.addHandler(heard);
        try {
            api.send("DELETE", "/api/v1/namespaces/default", "", "");
            api.send("POST", maps("rt-nowhere"), JSON, "{\"metadata\":{\"name\":\"new\"},\"data\":{\"k\":\"hidden\"}}");
            var viewer = api.client(api.certificates.issue("CN=viewer,O=visitors"));
            api.send(
                    viewer,
                    "PUT",
                    maps("default") + "/mine",
                    JSON,
                    "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        } finally {
            audit.removeHandler(heard);
        }
        assertThat(lines)
                .anyMatch(l -> l.contains("verb=delete resource=namespaces") && l.contains("code=403"))
                .anyMatch(l -> l.contains("verb=create resource=configmaps") && l.contains("code=404"))
                .anyMatch(l -> l.contains("user=viewer") && l.contains("name=mine") && l.contains("code=403"))
                .noneMatch(l -> l.contains("hidden"));
    }

    @Test
    void statusAndSpecAreWrittenApart() {
        String sites = "/apis/selvage.dev/v1alpha1/sites";
        HttpResponse<String> made = api.send(
                "POST",
                sites,
                JSON,
                "{\"apiVersion\":\"selvage.dev/v1alpha1\",\"kind\":\"Site\",\"metadata\":{\"name\":\"rt-site\"},"
                        + "\"spec\":{\"displayName\":\"A\"},\"status\":{\"nodes\":9}}");
        assertThat(parse(made).path("status").has("nodes")).isFalse();
        ObjectNode status = parse(api.send(
                "PATCH",
                sites + "/rt-site/status",
                MERGE,
                "{\"spec\":{\"displayName\":\"B\"},\"status\":{\"nodes\":2}}"));
        assertThat(status.path("status").path("nodes").asInt()).isEqualTo(2);
        assertThat(status.path("spec").path("displayName").asText()).isEqualTo("A");
        assertThat(status.path("metadata").path("generation").asInt()).isEqualTo(1);
        ObjectNode spec = parse(
                api.send("PATCH", sites + "/rt-site", MERGE, "{\"spec\":{\"displayName\":\"C\"},\"status\":null}"));
        assertThat(spec.path("status").path("nodes").asInt()).isEqualTo(2);
        assertThat(spec.path("metadata").path("generation").asInt()).isEqualTo(2);
        assertThat(api.send("PUT", sites + "/rt-site", JSON, "{\"metadata\":{\"name\":\"rt-site\"},\"spec\":{}}")
                        .body())
                .contains("must be specified for an update");
        assertThat(api.get("/api/v1/namespaces/default/configmaps/x/status").statusCode())
                .isEqualTo(404);
    }

    @Test
    void podsGetUpstreamsDefaultsAndOnlyTheirImageMayChange() {
        String namespace = api.namespace("rt-pod");
        String pods = "/api/v1/namespaces/" + namespace + "/pods";
        ObjectNode pod = parse(api.send("POST", pods, "application/yaml", """
                apiVersion: v1
                kind: Pod
                metadata: {name: p}
                spec:
                  runtimeClassName: process
                  hostNetwork: true
                  containers:
                  - {name: main, image: host, livenessProbe: {httpGet: {port: 80}}, resources: {limits: {cpu: 1}}}
                """));
        assertThat(pod.path("spec").path("dnsPolicy").asText()).isEqualTo("ClusterFirst");
        JsonNode container = pod.path("spec").path("containers").path(0);
        assertThat(container.path("terminationMessagePath").asText()).isEqualTo("/dev/termination-log");
        assertThat(container.path("livenessProbe").path("failureThreshold").asInt())
                .isEqualTo(3);
        assertThat(container.path("resources").path("requests").has("cpu")).isTrue();
        HttpResponse<String> changed =
                api.send("PATCH", pods + "/p", MERGE, "{\"spec\":{\"terminationGracePeriodSeconds\":5}}");
        assertThat(changed.body()).contains("spec: Forbidden: pod updates may not change fields other than");
        HttpResponse<String> bound =
                api.send("POST", pods + "/p/binding", JSON, "{\"target\":{\"kind\":\"Node\",\"name\":\"edge-9\"}}");
        assertThat(bound.statusCode()).as(bound.body()).isEqualTo(201);
        assertThat(parse(api.get(pods + "/p")).path("spec").path("nodeName").asText())
                .isEqualTo("edge-9");
        assertThat(api.send("POST", pods + "/p/binding", JSON, "{\"target\":{\"name\":\"edge-1\"}}")
                        .statusCode())
                .isEqualTo(409);
    }

    @Test
    void anAdmissionRefusesWithItsOwnWordsAndSeesOldAndNew() {
        String namespace = api.namespace("rt-admission");
        List<Admission.Request> seen = new ArrayList<>();
        Admission admission = request -> {
            if (request.key().namespace().equals(namespace)) {
                seen.add(request);
                if (request.operation() == Admission.Operation.UPDATE) {
                    throw new AdmissionDenied(
                            422, "two writers", List.of(new FieldError("data.a", "2", "the value 1")));
                }
            }
        };
        api.admissions.add(admission);
        try {
            create(namespace, "c", "");
            HttpResponse<String> refused = api.send("PATCH", maps(namespace) + "/c", MERGE, "{\"data\":{\"a\":\"2\"}}");
            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(parse(refused).path("message").asText())
                    .isEqualTo("ConfigMap \"c\" is invalid: data.a: Invalid value: \"2\": the value 1");
            api.send("DELETE", maps(namespace) + "/c", "", "");
        } finally {
            api.admissions.remove(admission);
        }
        assertThat(seen.stream().map(Admission.Request::operation))
                .containsExactly(Admission.Operation.CREATE, Admission.Operation.UPDATE, Admission.Operation.DELETE);
        assertThat(seen.get(1).user()).isEqualTo("admin");
        assertThat(seen.get(2).old()).isNotNull();
    }

    @Test
    void aCreationThatAnAdmissionRefusesIsNamed() {
        String namespace = api.namespace("rt-refused");
        Admission admission = request -> {
            if (request.key().namespace().equals(namespace)) {
                throw new AdmissionDenied(422, "wrong", List.of(new FieldError("data.a", "2", "the value 1")));
            }
        };
        api.admissions.add(admission);
        try {
            HttpResponse<String> refused =
                    api.send("POST", maps(namespace), JSON, "{\"metadata\":{\"name\":\"c\"},\"data\":{\"a\":\"2\"}}");
            assertThat(parse(refused).path("message").asText())
                    .isEqualTo("ConfigMap \"c\" is invalid: data.a: Invalid value: \"2\": the value 1");
            assertThat(Json.textAt(parse(refused), "details", "name")).isEqualTo("c");
        } finally {
            api.admissions.remove(admission);
        }
    }

    @Test
    void telemetryIsQueriedAndFollowed() {
        String base = "/apis/telemetry.selvage.dev/v1alpha1/namespaces/shop/";
        assertThat(api.get(base + "series").body())
                .isEqualTo("{\"series\":[{\"namespace\":\"shop\",\"source\":\"stream/average\",\"key\":\"room\","
                        + "\"field\":\"temperature\",\"node\":\"edge-1\"}]}");
        assertThat(parse(api.get(base + "latest"))
                        .path("points")
                        .path(0)
                        .path("partial")
                        .asBoolean())
                .isTrue();
        ObjectNode range = parse(api.get(base + "range?from=1970-01-01T00:00:00Z&to=60000&step=10s&aggregate=max"));
        assertThat(range.path("points").path(0).path("end").asText()).isEqualTo("1970-01-01T00:01:00Z");
        assertThat(api.get(base + "subscribe").body().lines())
                .hasSize(2)
                .first()
                .isEqualTo("{\"lost\":2}");
        assertThat(api.get(base + "range?from=tomorrow").statusCode()).isEqualTo(400);
        assertThat(api.get(base + "range?aggregate=median").body()).contains("accepted are avg");
        assertThat(api.get(base + "nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void logsOfAnUnreachableNodeAreUnavailableAndOfNoNodeABadRequest() {
        String namespace = api.namespace("rt-logs");
        ObjectNode pod = Json.parseObject(
                "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\",\"namespace\":\"" + namespace
                        + "\"},\"spec\":{\"nodeName\":\"away\",\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}");
        assertThat(api.resources.create(pod).succeeded()).isTrue();
        String log = "/api/v1/namespaces/" + namespace + "/pods/p/log";
        assertThat(api.get(log).body()).contains("a container name must be specified for pod p, choose one of: [a b]");
        assertThat(api.get(log + "?container=z").body()).contains("container z is not valid for pod p");
        HttpResponse<String> away = api.get(log + "?container=a");
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.body()).contains("node \\\"away\\\" is not linked");
        assertThat(api.resources.get(new ObjectKey(Kinds.POD.id(), namespace, "p")))
                .isPresent();
        assertThat(api.resources
                        .mutate(new ObjectKey(Kinds.POD.id(), namespace, "p"), p -> {
                            Json.child(p, "spec").put("nodeName", "edge-1");
                            return p;
                        })
                        .succeeded())
                .isTrue();
        for (String follow : List.of("", "&follow=true")) {
            HttpResponse<String> refused = api.get(log + "?container=a&previous=true" + follow);
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.body()).contains("previous terminated container not found");
        }
        assertThat(api.get(log + "?container=a&follow=true&limitBytes=5").body())
                .isEqualTo("hello");
        assertThat(new String(
                        api.get(log + "?container=a&tailLines=-1").body().getBytes(StandardCharsets.UTF_8),
                        StandardCharsets.UTF_8))
                .contains("tailLines");
    }
}
