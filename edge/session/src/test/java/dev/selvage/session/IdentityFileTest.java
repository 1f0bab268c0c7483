package dev.selvage.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
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
}
