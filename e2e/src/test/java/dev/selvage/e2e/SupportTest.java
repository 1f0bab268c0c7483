package dev.selvage.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Issue 3, "Also": {@code selvage support} makes a bundle with secrets redacted. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SupportTest {
    private static final String IN_SECRET = "planted-In-Secret-0001";
    private static final String IN_ENV = "planted-In-Env-0002";
    private static final String IN_PLAIN_ENV = "planted-In-Plain-Env-0003";
    private static final String IN_LOG = "planted-In-Log-0004";
    private static final String IN_URL = "planted-In-Url-0005";
    private static final String IN_KEY = "cGxhbnRlZC1Jbi1LZXktMDAwNg";
    private static final String IN_CONFIG = "planted-In-Config-0007";

    @TempDir
    static Path directory;

    private static Selvage selvage;

    @BeforeAll
    static void plant() throws IOException {
        selvage = new Selvage(directory.resolve("home")).up("--no-examples");
        selvage.kubectlWithInput("""
                apiVersion: v1
                kind: Secret
                metadata: {name: db, namespace: default}
                stringData: {password: %s}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: app, namespace: default}
                data: {app.properties: "db.password=%s"}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: app, namespace: default}
                spec:
                  runtimeClassName: process
                  hostNetwork: true
                  containers:
                  - name: main
                    image: host
                    command: [/usr/bin/sleep, "86400"]
                    env:
                    - {name: DB_PASSWORD, value: %s}
                    - {name: GREETING, value: %s}
                """.formatted(IN_SECRET, IN_CONFIG, IN_ENV, IN_PLAIN_ENV), "apply", "-f", "-")
                .succeeded();
        log("agent", "Authorization: Bearer " + IN_LOG);
        log("agent", "-----BEGIN EC PRIVATE KEY-----\n" + IN_KEY + "\n-----END EC PRIVATE KEY-----");
        log("centre", "connected to postgresql://selvage:" + IN_URL + "@127.0.0.1/selvage");
        log("agent", "told " + IN_SECRET + " and " + coded("user:" + IN_SECRET) + " and " + IN_ENV);
        log("agent", Files.readString(selvage.home().resolve("node/site.token")));
        log("centre", Files.readString(selvage.home().resolve("kubeconfig")));
    }

    @AfterAll
    static void down() {
        selvage.close();
    }

    @Test
    @Order(1)
    void theBundleHasWhatASupporterNeedsAndNoSecretThatLiesInTheInstallation() throws IOException {
        Path file = directory.resolve("all.zip");
        String said = selvage.selvage("support", file.toString()).succeeded().output();
        Map<String, String> bundle = read(file);
        assertThat(bundle)
                .containsKeys(
                        "versions.txt",
                        "machine.txt",
                        "processes.txt",
                        "files.txt",
                        "threads/centre.txt",
                        "threads/agent.txt",
                        "logs/centre.log",
                        "logs/agent.log",
                        "node/health.txt",
                        "node/ready.txt",
                        "node/status.txt",
                        "node/metrics.txt",
                        "centre/readyz.txt",
                        "resources/secrets.json",
                        "resources/pods.json",
                        "resources/events.json",
                        "resources/nodes.json",
                        "summary.txt");
        assertThat(bundle.get("resources/pods.json")).contains("\"app\"", "DB_PASSWORD", "GREETING");
        assertThat(bundle.get("resources/secrets.json")).contains("\"db\"", "\"password\"");
        assertThat(bundle.get("node/metrics.txt")).contains("selvage_limit_max{limit=\"pods\"}");
        assertThat(bundle.get("threads/agent.txt")).contains("link", "reconcile");
        assertThat(bundle.get("logs/agent.log")).contains("told [redacted] and");
        assertThat(said).contains("values of Secrets", "environment values", "known secrets", "Made " + file);
        secretsAbsent(bundle, List.of(IN_SECRET, IN_ENV, IN_PLAIN_ENV, IN_LOG, IN_URL, IN_KEY, IN_CONFIG));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(selvage.selvage("support", file.toString()).failed().output())
                .contains("exists already");
    }

    @Test
    @Order(2)
    void withoutCentreAndAgentItIsMadeOfWhatIsThereAndSaysWhatIsMissing() throws IOException {
        selvage.selvage("stop", "centre").succeeded();
        selvage.selvage("stop", "agent").succeeded();
        Path file = directory.resolve("down.zip");
        String said = selvage.selvage("support", file.toString()).succeeded().output();
        Map<String, String> bundle = read(file);
        assertThat(said).contains("Could not be had", "the centre does not answer", "the agent does not answer");
        assertThat(bundle).containsKeys("logs/centre.log", "logs/agent.log", "machine.txt", "summary.txt");
        // values of Secrets are at the centre: nobody can tell them then
        secretsAbsent(bundle, List.of(IN_LOG, IN_URL, IN_KEY));
    }

    private static void secretsAbsent(Map<String, String> bundle, List<String> planted) throws IOException {
        List<String> secrets = new ArrayList<>(planted);
        secrets.add(Files.readString(selvage.home().resolve("node/site.token")).strip());
        Files.readAllLines(selvage.home().resolve("kubeconfig")).stream()
                .filter(line -> line.contains("client-key-data"))
                .forEach(line ->
                        secrets.add(line.replaceAll(".*client-key-data\\W+", "").replaceAll("\\W+$", "")));
        assertThat(secrets).hasSize(planted.size() + 2).allMatch(s -> s.length() > 10);
        bundle.forEach((name, text) -> {
            for (String secret : secrets) {
                assertThat(text).as(name).doesNotContain(secret, coded(secret), coded("user:" + secret));
            }
        });
    }

    private static String coded(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
    }

    private static void log(String component, String line) throws IOException {
        Files.writeString(
                selvage.home().resolve("logs").resolve(component + ".log"), line + "\n", StandardOpenOption.APPEND);
    }

    private static Map<String, String> read(Path file) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (var entry : Collections.list(zip.entries())) {
                texts.put(entry.getName(), new String(zip.getInputStream(entry).readAllBytes(), UTF_8));
            }
        }
        return texts;
    }
}
