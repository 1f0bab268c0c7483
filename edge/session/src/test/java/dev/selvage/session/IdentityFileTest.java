package dev.selvage.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFileTest {
    @TempDir
    Path directory;

    @Test
    void aNodeWithoutIdentityHasNone() throws IOException {
        assertThat(new IdentityFile(directory).load()).isEmpty();
        assertThat(new IdentityFile(directory).trustedTime()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void theKeyUnderWayIsMadeOnceAndReadableByItsOwnerOnly() throws IOException {
        var keys = new IdentityFile(directory).nextKeys();
        assertThat(new IdentityFile(directory).nextKeys().getPrivate()).isEqualTo(keys.getPrivate());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("next-key.pem"))))
                .isEqualTo("rw-------");
    }

    @Test
    void aDamagedKeyUnderWayIsReplaced() throws IOException {
        Files.writeString(directory.resolve("next-key.pem"), "-----BEGIN PRIVATE KEY-----\nAAAA\n");
        assertThat(new IdentityFile(directory).pendingKeys()).isEmpty();
        assertThat(new IdentityFile(directory).nextKeys()).isNotNull();
    }

    @Test
    void aDamagedIdentityIsNamed() throws IOException {
        Files.writeString(directory.resolve("identity.pem"), "node: edge-1\n");
        assertThatThrownBy(() -> new IdentityFile(directory).load())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("identity.pem");
    }

    /** Issue 3, "Torn files": a damaged identity must say what to do, and never pass for none. */
    @Test
    void whateverByteIsWrongTheIdentityIsRefusedWithWhatToDo() throws Exception {
        KeyPair keys = NodeKeys.generate();
        var file = new IdentityFile(directory);
        X509Certificate certificate = SelfSigned.of(keys);
        file.save(new NodeIdentity("edge-1", keys.getPrivate(), List.of(certificate), List.of(certificate), 7));
        assertThat(file.load().orElseThrow().generation()).isEqualTo(7);
        for (String name : List.of("identity.pem", "ca.pem")) {
            byte[] whole = Files.readAllBytes(directory.resolve(name));
            for (int at = 0; at < whole.length; at++) {
                byte[] flipped = whole.clone();
                flipped[at] ^= (byte) (1 << (at % 8));
                for (byte[] torn : List.of(flipped, Arrays.copyOf(whole, at))) {
                    Files.write(directory.resolve(name), torn);
                    assertThatThrownBy(file::load)
                            .isInstanceOf(IOException.class)
                            .hasMessageContainingAll(
                                    "is damaged", name, "delete " + directory, "join with a new token");
                }
            }
            Files.write(directory.resolve(name), whole);
        }
        assertThat(file.load()).isPresent();
        Files.delete(directory.resolve("ca.pem"));
        assertThatThrownBy(file::load).hasMessageContaining("ca.pem is not there");
    }

    @Test
    void aKeyUnderWayWithAnyWrongByteIsTheSameOrAnother() throws Exception {
        var file = new IdentityFile(directory);
        KeyPair keys = file.nextKeys();
        byte[] whole = Files.readAllBytes(directory.resolve("next-key.pem"));
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << (at % 8));
            Files.write(directory.resolve("next-key.pem"), flipped);
            assertThat(file.pendingKeys().map(KeyPair::getPublic).orElse(keys.getPublic()))
                    .isEqualTo(keys.getPublic());
        }
    }
}
