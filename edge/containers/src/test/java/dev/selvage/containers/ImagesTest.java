package dev.selvage.containers;

import static dev.selvage.containers.ContainerNode.app;
import static dev.selvage.containers.ContainerNode.shell;
import static dev.selvage.containers.ContainerNode.spec;
import static dev.selvage.containers.ContainerNode.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import dev.selvage.sim.engine.RootFileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from a real registry (kubernetes.io/docs/concepts/containers/images; issue 4: image missing, pull secret wrong, lying about a digest). */
class ImagesTest {
    /** bcrypt of "secret", as htpasswd writes it. */
    private static final String ACCOUNT = "robot:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

    private final DockerEngine engine = SharedEngine.get();

    @TempDir
    Path home;

    private ContainerNode node;

    @BeforeEach
    void open() throws IOException {
        node = new ContainerNode(home.resolve("node"), engine.socket());
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static ObjectNode withImage(ObjectNode pod, String image, String policy) {
        app(pod).put("image", image).put("imagePullPolicy", policy);
        return pod;
    }

    private static String auth(String user, String password) {
        return Base64.getUrlEncoder()
                .encodeToString(Json.bytes(Json.object().put("username", user).put("password", password)));
    }

    private void pullSecret(String name, String registry, String user, String password) {
        String both = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        ObjectNode config = Json.object();
        config.putObject("auths").putObject(registry).put("auth", both);
        node.config("Secret", name, Map.of(".dockerconfigjson", Json.text(config)));
    }

    @Test
    void anImageIsPulledByTagAndByDigestAndItsDigestIsTold() throws Exception {
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty())) {
            String repository = registry.host() + "/tools/box";
            engine.push("busybox:1", repository, "1", auth("", ""));
            node.run(withImage(shell("pull-1", "exec sleep 1000"), repository + ":1", "Always"));
            node.awaitReady("pull-1");
            assertThat(node.eventsOf("pull-1"))
                    .anyMatch(e -> e.contains("Pulling: Pulling image \"" + repository + ":1\""))
                    .anyMatch(e -> e.contains("Pulled: Successfully pulled image \"" + repository + ":1\""));
            String id = node.container("pull-1").path("imageID").asText();
            assertThat(id).startsWith(repository + "@sha256:");
            node.run(withImage(shell("pull-2", "exec sleep 1000"), id, "IfNotPresent"));
            node.awaitReady("pull-2");
            String wrong = repository + "@sha256:" + "0".repeat(64);
            node.run(withImage(shell("pull-3", "exec sleep 1000"), wrong, "IfNotPresent"));
            node.awaitWaiting("pull-3", "ErrImagePull");
        }
    }

    @Test
    void anImageThatIsNotThereIsErrImagePullAndThenBackedOff() throws Exception {
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty())) {
            String image = registry.host() + "/no/such:1";
            node.run(withImage(shell("miss-1", "exit 0"), image, "IfNotPresent"));
            node.awaitWaiting("miss-1", "ErrImagePull");
            assertThat(node.container("miss-1").at("/state/waiting/message").asText())
                    .contains("not found");
            assertThat(node.eventsOf("miss-1")).anyMatch(e -> e.contains("Failed: Failed to pull image \"" + image));
            node.pods.configsChanged(); // another look, while the pause of 10 s is not over
            node.awaitWaiting("miss-1", "ImagePullBackOff");
            assertThat(node.container("miss-1").at("/state/waiting/message").asText())
                    .startsWith("Back-off pulling image \"" + image + "\": ErrImagePull: ");
            assertThat(node.status("miss-1").path("phase").asText()).isEqualTo("Pending");
        }
    }

    @Test
    void aPrivateRegistryTakesThePullSecretAndAWrongOneIsSaidToBeWrong() throws Exception {
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.of(ACCOUNT))) {
            String repository = registry.host() + "/private/box";
            engine.push("busybox:1", repository, "1", auth("robot", "secret"));
            pullSecret("right", registry.host(), "robot", "secret");
            pullSecret("wrong", registry.host(), "robot", "guess");
            ObjectNode refused = withImage(shell("auth-1", "exec sleep 1000"), repository + ":1", "IfNotPresent");
            with(spec(refused), "{\"imagePullSecrets\": [{\"name\": \"wrong\"}]}");
            node.run(refused);
            node.awaitWaiting("auth-1", "ErrImagePull");
            assertThat(node.container("auth-1").at("/state/waiting/message").asText())
                    .containsAnyOf("no basic auth credentials", "unauthorized");
            assertThat(node.eventsOf("auth-1").toString()).doesNotContain("guess");
            ObjectNode pod = withImage(shell("auth-2", "exec sleep 1000"), repository + ":1", "IfNotPresent");
            with(spec(pod), "{\"imagePullSecrets\": [{\"name\": \"wrong\"}, {\"name\": \"right\"}]}");
            node.run(pod);
            node.awaitReady("auth-2");
        }
    }

    @Test
    void aRegistryThatLiesAboutContentIsFoundOutByDigest() throws Exception {
        try (Registry registry = Registry.start(home.resolve("registry"), Optional.empty())) {
            String repository = registry.host() + "/lies/box";
            Path own = Files.createDirectory(home.resolve("own"));
            Files.writeString(home.resolve("own/marker"), repository); // a layer that the engine has from nowhere else
            engine.importImage(RootFileSystem.busybox(own, home.resolve("own/marker")), "liar", "1");
            engine.push("liar:1", repository, "1", auth("", ""));
            engine.call("DELETE", "/images/liar:1");
            for (Path blob : blobs(registry)) {
                byte[] content = Files.readAllBytes(blob);
                if (content.length > 100_000) { // the layer
                    content[content.length / 2] ^= 1;
                    Files.write(blob, content);
                }
            }
            node.run(withImage(shell("lie-1", "exit 0"), repository + ":1", "IfNotPresent"));
            node.awaitWaiting("lie-1", "ErrImagePull");
            assertThat(node.container("lie-1").at("/state/waiting/message").asText())
                    .contains("filesystem layer verification failed for digest");
        }
    }

    private static java.util.List<Path> blobs(Registry registry) throws IOException {
        try (var files = Files.walk(registry.data())) {
            return files.filter(f -> f.endsWith("data") && Files.isRegularFile(f))
                    .toList();
        }
    }

    @Test
    void namesAndPoliciesAreJudgedWithoutARegistry() {
        node.run(
                withImage(shell("name-1", "exit 0"), "Not A Name", "IfNotPresent"),
                withImage(shell("name-2", "exit 0"), "not-here:1", "Never"));
        node.awaitWaiting("name-1", "InvalidImageName");
        assertThat(node.container("name-1").at("/state/waiting/message").asText())
                .isEqualTo(
                        "Failed to apply default image tag \"Not A Name\": couldn't parse image name \"Not A Name\": invalid reference format");
        node.awaitWaiting("name-2", "ErrImageNeverPull");
        assertThat(node.container("name-2").at("/state/waiting/message").asText())
                .isEqualTo("Container image \"not-here:1\" is not present with pull policy of Never");
    }

    @Test
    void anImageOfAnotherArchitectureIsNamedAsOne() throws Exception {
        byte[] archive = PauseImage.archive(
                "elsewhere:1", "s390x", PauseProgram.forArchitecture("amd64").orElseThrow());
        try (EngineConnection connection = new Engine(engine.socket()).open("/images/load?quiet=1", Engine.LONG)) {
            Engine.check(connection.request("POST", Map.of("Content-Type", "application/x-tar"), archive));
        }
        node.run(withImage(shell("arch-1", "exit 0"), "elsewhere:1", "IfNotPresent"));
        node.awaitWaiting("arch-1", "ErrImagePull");
        assertThat(node.container("arch-1").at("/state/waiting/message").asText())
                .contains("is for architecture s390x, this node has amd64");
    }
}
