package dev.selvage.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The Java client most programs use; its watches begin with a WebSocket and fall back. */
@Timeout(60)
class Fabric8Test {
    private static final ResourceDefinitionContext SITES = new ResourceDefinitionContext.Builder()
            .withGroup("selvage.dev")
            .withVersion("v1alpha1")
            .withKind("Site")
            .withPlural("sites")
            .withNamespaced(false)
            .build();
    private static TestApi api;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        api = new TestApi(TestApi.config());
        Config config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + api.port())
                .withCaCertData(TestApi.base64(api.certificates.authority().certificatePem()))
                .withClientCertData(TestApi.base64(api.admin.certificatePem()))
                .withClientKeyData(TestApi.base64(api.admin.keyPem()))
                .withClientKeyAlgo("EC")
                .build();
        client = new KubernetesClientBuilder().withConfig(config).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        api.close();
    }

    private static ConfigMap map(String namespace, String name, String value) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .addToData("v", value)
                .build();
    }

    @Test
    void anInformerSeesWhatIsThereAndEveryChange() throws InterruptedException {
        String namespace = api.namespace("fabric-informer");
        client.resource(map(namespace, "first", "1")).create();
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        SharedIndexInformer<ConfigMap> informer = client.configMaps()
                .inNamespace(namespace)
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(ConfigMap map) {
                        events.add("add " + map.getMetadata().getName());
                    }

                    @Override
                    public void onUpdate(ConfigMap old, ConfigMap map) {
                        events.add("update " + map.getMetadata().getName() + " "
                                + map.getData().get("v"));
                    }

                    @Override
                    public void onDelete(ConfigMap map, boolean unknown) {
                        events.add("delete " + map.getMetadata().getName());
                    }
                });
        try (informer) {
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("add first");
            client.resource(map(namespace, "second", "1")).create();
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("add second");
            client.resource(map(namespace, "second", "2")).update();
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("update second 2");
            client.resource(map(namespace, "second", "2")).delete();
            assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("delete second");
            assertThat(informer.hasSynced()).isTrue();
        }
    }

    @Test
    void editPatchesByJsonPatchAndStatusIsApart() {
        String namespace = api.namespace("fabric-edit");
        Pod pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("p")
                        .endMetadata()
                        .withNewSpec()
                        .withRuntimeClassName("process")
                        .withHostNetwork(true)
                        .addNewContainer()
                        .withName("main")
                        .withImage("host")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        assertThat(pod.getSpec().getRestartPolicy()).isEqualTo("Always");
        assertThat(pod.getSpec().getTerminationGracePeriodSeconds()).isEqualTo(30);
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        Pod edited = client.pods()
                .inNamespace(namespace)
                .withName("p")
                .edit(p -> new PodBuilder(p)
                        .editMetadata()
                        .addToLabels("a", "b")
                        .endMetadata()
                        .build());
        assertThat(edited.getMetadata().getLabels()).containsEntry("a", "b");
        Pod reported = client.pods()
                .inNamespace(namespace)
                .withName("p")
                .editStatus(p -> new PodBuilder(p)
                        .editOrNewStatus()
                        .withPhase("Running")
                        .endStatus()
                        .editMetadata()
                        .addToLabels("not", "here")
                        .endMetadata()
                        .build());
        assertThat(reported.getStatus().getPhase()).isEqualTo("Running");
        assertThat(reported.getMetadata().getLabels()).doesNotContainKey("not");
        assertThat(reported.getMetadata().getGeneration())
                .isEqualTo(pod.getMetadata().getGeneration());
    }

    @Test
    void ownKindsAreServedGenericallyAndStrategicMergeOnThemIsRefused() {
        GenericKubernetesResource site = new GenericKubernetesResourceBuilder()
                .withApiVersion("selvage.dev/v1alpha1")
                .withKind("Site")
                .withNewMetadata()
                .withName("fabric-site")
                .endMetadata()
                .addToAdditionalProperties("spec", Map.of("displayName", "A"))
                .build();
        client.genericKubernetesResources(SITES).resource(site).create();
        var stored = client.genericKubernetesResources(SITES).withName("fabric-site");
        GenericKubernetesResource merged =
                stored.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"displayName\":\"B\"}}");
        assertThat(merged.<String>get("spec", "displayName")).isEqualTo("B");
        assertThatThrownBy(() -> stored.patch(PatchContext.of(PatchType.STRATEGIC_MERGE), "{\"spec\":{}}"))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(415));
        assertThat(stored.delete()).isNotEmpty();
    }

    /** Issue 4: Jobs, CronJobs and DaemonSets as typed objects, with what the server adds. */
    @Test
    void jobsCronJobsAndDaemonSetsComeBackTyped() {
        String namespace = api.namespace("fabric-batch");
        PodTemplateSpec template = new PodTemplateSpecBuilder()
                .withNewMetadata()
                .addToLabels("app", "x")
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName("process")
                .withHostNetwork(true)
                .withRestartPolicy("Never")
                .addNewContainer()
                .withName("main")
                .withImage("host")
                .endContainer()
                .endSpec()
                .build();
        Job job = client.resource(new JobBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("j")
                        .endMetadata()
                        .withNewSpec()
                        .withTemplate(template)
                        .endSpec()
                        .build())
                .create();
        assertThat(job.getSpec().getBackoffLimit()).isEqualTo(6);
        assertThat(job.getSpec().getSelector().getMatchLabels())
                .containsEntry(
                        "batch.kubernetes.io/controller-uid", job.getMetadata().getUid());
        CronJob cronJob = client.resource(new CronJobBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("c")
                        .endMetadata()
                        .withNewSpec()
                        .withSchedule("@daily")
                        .withNewJobTemplate()
                        .withNewSpec()
                        .withTemplate(template)
                        .endSpec()
                        .endJobTemplate()
                        .endSpec()
                        .build())
                .create();
        assertThat(cronJob.getSpec().getConcurrencyPolicy()).isEqualTo("Allow");
        template.getSpec().setRestartPolicy("Always");
        DaemonSet set = client.resource(new DaemonSetBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("d")
                        .endMetadata()
                        .withNewSpec()
                        .withNewSelector()
                        .addToMatchLabels("app", "x")
                        .endSelector()
                        .withTemplate(template)
                        .endSpec()
                        .build())
                .create();
        assertThat(set.getSpec().getUpdateStrategy().getRollingUpdate().getMaxUnavailable())
                .isEqualTo(new IntOrString(1));
        assertThat(client.batch().v1().jobs().inNamespace(namespace).list().getItems())
                .hasSize(1);
    }

    @Test
    void serverSideApplyIsRefusedClearly() {
        String namespace = api.namespace("fabric-apply");
        assertThatThrownBy(() -> client.resource(map(namespace, "c", "1")).serverSideApply())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(415))
                .hasMessageContaining("server-side apply is not served");
    }

    @Test
    void logsAreRead() {
        String namespace = api.namespace("fabric-log");
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName("p")
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName("edge-1")
                        .withRuntimeClassName("process")
                        .withHostNetwork(true)
                        .addNewContainer()
                        .withName("main")
                        .withImage("host")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        assertThat(client.pods().inNamespace(namespace).withName("p").getLog())
                .isEqualTo("hello from p/main on edge-1\n");
    }
}
