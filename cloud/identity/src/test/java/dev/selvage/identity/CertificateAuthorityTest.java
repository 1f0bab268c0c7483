package dev.selvage.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.selvage.store.StoreConfig;
import dev.selvage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Issue 2, Identity: the CA is created once under a database lock; certificates are short-lived, renewed and reloaded without a restart. */
class CertificateAuthorityTest {
    private static final IdentityConfig CONFIG = IdentityConfig.of(List.of("centre.example", "192.0.2.7"));

    @TempDir
    Path directory;

    private final HikariDataSource database = connect(TestDatabase.create());

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void serversThatRaceToCreateTheCaGetTheSameOne() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<String>> servers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                servers.add(() -> CertificateAuthority.open(database, CONFIG).fingerprint());
            }
            List<String> fingerprints = new ArrayList<>();
            for (Future<String> server : threads.invokeAll(servers)) {
                fingerprints.add(server.get());
            }
            assertThat(fingerprints).hasSize(6).containsOnly(fingerprints.getFirst());
        }
    }

    @Test
    void theServersCertificateNamesEveryAddressOfTheCentre() throws Exception {
        KeyAndChain server = CertificateAuthority.open(database, CONFIG).issueServer();
        List<String> names = server.certificate().getSubjectAlternativeNames().stream()
                .map(name -> String.valueOf(name.get(1)))
                .toList();
        assertThat(names).contains("localhost", "127.0.0.1", "centre.example", "192.0.2.7");
        server.certificate().verify(server.chain().getLast().getPublicKey());
    }

    @Test
    void aServerKeyIsRenewedAtHalfItsLifeForHandshakesFromThenOnAndTheOneUnderWayKeepsItsOwn() throws Exception {
        var authority = CertificateAuthority.open(database, CONFIG.withServerLife(Duration.ofSeconds(2)));
        try (var keys = ServerKeys.start(authority)) {
            X509Certificate first = keys.current().certificate();
            String underWay = keys.chooseEngineServerAlias("EC", null, null);
            Instant deadline = Instant.now().plusSeconds(10);
            while (keys.current().certificate().equals(first)) {
                assertThat(Instant.now()).isBefore(deadline);
                Thread.sleep(20);
            }
            assertThat(keys.getCertificateChain(String.valueOf(underWay))[0]).isEqualTo(first);
            String next = keys.chooseEngineServerAlias("EC", null, null);
            assertThat(keys.getCertificateChain(String.valueOf(next))[0]).isNotEqualTo(first);
        }
    }

    @Test
    void aNodesCertificateIsJudgedByIssuerPurposeAndTime() throws Exception {
        var authority = CertificateAuthority.open(database, CONFIG);
        PublicKey key = Keys.generate().getPublic();
        X509Certificate node = authority.issueNode("edge-1", key).getFirst();
        var certificates = new PeerCertificates(authority);
        assertThat(certificates.judge(List.of())).isInstanceOf(Peer.Anonymous.class);
        assertThat(certificates.judge(List.of(node, authority.certificate())))
                .isInstanceOfSatisfying(Peer.Node.class, peer -> {
                    assertThat(peer.name()).isEqualTo("edge-1");
                    assertThat(peer.keyHash()).isEqualTo(Keys.sha256(key.getEncoded()));
                });
        refused(
                certificates.judge(authority.issueServer().chain()),
                Denial.CERTIFICATE_UNTRUSTED,
                "not made for clients");
        refused(certificates.judge(authority.issueAdmin().chain()), Denial.CERTIFICATE_UNTRUSTED, "not a node's");
        refused(certificates.judge(List.of(authority.certificate())), Denial.CERTIFICATE_UNTRUSTED, "");
        try (HikariDataSource elsewhere = connect(TestDatabase.create())) {
            var other = CertificateAuthority.open(elsewhere, CONFIG);
            refused(
                    certificates.judge(other.issueNode("edge-1", key)),
                    Denial.CERTIFICATE_UNTRUSTED,
                    "not of this centre's CA");
        }
        var tomorrow = Clock.fixed(Instant.now().plus(Duration.ofHours(25)), ZoneOffset.UTC);
        refused(new PeerCertificates(authority, tomorrow).judge(List.of(node)), Denial.CERTIFICATE_EXPIRED, "ended at");
    }

    @Test
    void theAdminsKubeconfigIsTheOwnersOnlyAndNamesTheServer() throws IOException {
        var authority = CertificateAuthority.open(database, CONFIG);
        Path file = directory.resolve("kubeconfig");
        AdminKubeconfig.write(file, "https://127.0.0.1:6443", authority);
        AdminKubeconfig.write(file, "https://127.0.0.1:6443", authority);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(file).content().contains("server: https://127.0.0.1:6443", "current-context: selvage");
        assertThat(authority
                        .issueAdmin()
                        .certificate()
                        .getSubjectX500Principal()
                        .getName())
                .isEqualTo("CN=admin,O=system:masters");
    }

    @Test
    void aLifeThatIsNoneIsRefusedByName() {
        assertThatThrownBy(() -> CONFIG.withNodeLife(Duration.ofMillis(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node-life");
    }

    @Test
    void aRequestForAnotherNameOrWithAForeignSignatureIsRefused() throws GeneralSecurityException {
        assertThatThrownBy(() -> CertificateRequest.verify(new byte[0], "edge-1"))
                .hasMessageContaining("found 0 bytes");
        assertThatThrownBy(() -> CertificateRequest.verify(new byte[5000], "edge-1"))
                .hasMessageContaining("found 5000 bytes");
        byte[] request = TestRequests.request("edge-2", Keys.generate(), Keys.generate());
        assertThatThrownBy(() -> CertificateRequest.verify(request, "edge-1"))
                .hasMessageContaining("system:node:edge-2");
        assertThatThrownBy(() -> CertificateRequest.verify(request, "edge-2"))
                .hasMessageContaining("does not prove the key");
    }

    private static void refused(Peer peer, Denial reason, String words) {
        assertThat(peer).isInstanceOfSatisfying(Peer.Refused.class, refused -> {
            assertThat(refused.reason()).isEqualTo(reason);
            assertThat(refused.message()).contains(words);
        });
    }

    private static HikariDataSource connect(StoreConfig config) {
        var source = new HikariDataSource();
        source.setJdbcUrl(config.jdbcUrl());
        source.setUsername(config.user());
        source.setPassword(config.password());
        return source;
    }
}
