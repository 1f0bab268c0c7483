package dev.selvage.session;

import dev.selvage.files.CheckedFile;
import dev.selvage.files.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * The node's identity on its disk. {@code identity.pem} holds key, certificates and generation in one file, so that one rename changes all of them;
 * {@code ca.pem} the CAs it trusts; {@code next-key.pem} the key of an enrolment or renewal under way, written before the centre hears of it: should the answer be
 * lost, the centre knows a key that the node still has. The first two begin with a checksum ({@link CheckedFile}). {@code trusted-time} is the last time a hub told. Readable by the owner only; the key is not encrypted,
 * so who reads this directory is the node.
 */
public final class IdentityFile {
    private final Path directory;

    public IdentityFile(Path directory) {
        this.directory = directory;
    }

    /**
     * Empty before the node has enrolled.
     *
     * @throws IOException with what to do, when the identity was damaged: it stays where it is, for the node must not take itself for a new one
     */
    public Optional<NodeIdentity> load() throws IOException {
        if (!Files.exists(identity())) {
            return Optional.empty();
        }
        try {
            String text = checked(identity());
            return Optional.of(new NodeIdentity(
                    header(text, "node"),
                    NodeKeys.privateKey(only(Pem.decode(Pem.PRIVATE_KEY, text))),
                    Pem.certificates(Pem.decode(Pem.CERTIFICATE, text)),
                    Pem.certificates(Pem.decode(Pem.CERTIFICATE, checked(authorities()))),
                    Long.parseLong(header(text, "generation"))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "the node's identity " + directory + " is damaged (" + e.getMessage()
                            + "): everything on the node goes on without the centre. To link it again, stop the agent, delete "
                            + directory + " and join with a new token",
                    e);
        }
    }

    /** @throws IllegalArgumentException when a bit of the file is wrong, or there is none */
    private static String checked(Path file) throws IOException {
        try {
            return new String(
                    CheckedFile.content(Files.readAllBytes(file))
                            .orElseThrow(() ->
                                    new IllegalArgumentException(file.getFileName() + ": its checksum does not hold")),
                    StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file.getFileName() + " is not there", e);
        }
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        DurableFile.replacePrivate(file, content.getBytes(StandardCharsets.UTF_8));
    }

    private static void writeChecked(Path file, String content) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        DurableFile.replacePrivate(file, CheckedFile.bytes(content.getBytes(StandardCharsets.UTF_8)));
    }

    /** Durable when it returns; the key under way becomes the key. */
    public void save(NodeIdentity identity) throws IOException {
        var text = new StringBuilder("node: " + identity.node() + "\ngeneration: " + identity.generation() + "\n");
        text.append(Pem.encode(Pem.PRIVATE_KEY, identity.key().getEncoded()));
        append(text, identity.chain());
        saveTrusted(identity.trusted());
        writeChecked(identity(), text.toString());
        Files.deleteIfExists(nextKey());
    }

    /** Durable when it returns. */
    void saveTrusted(List<X509Certificate> authorities) throws IOException {
        var text = new StringBuilder();
        append(text, authorities);
        writeChecked(authorities(), text.toString());
    }

    /** The key under way, made if there is none. */
    KeyPair nextKeys() throws IOException {
        Optional<KeyPair> present = pendingKeys();
        if (present.isPresent()) {
            return present.get();
        }
        KeyPair keys = NodeKeys.generate();
        write(
                nextKey(),
                Pem.encode(Pem.PRIVATE_KEY, keys.getPrivate().getEncoded())
                        + Pem.encode(Pem.PUBLIC_KEY, keys.getPublic().getEncoded()));
        return keys;
    }

    Optional<KeyPair> pendingKeys() throws IOException {
        if (!Files.exists(nextKey())) {
            return Optional.empty();
        }
        try {
            // Whatever the bytes are: Files.readString refuses those that are no text.
            String text = new String(Files.readAllBytes(nextKey()), StandardCharsets.ISO_8859_1);
            KeyPair keys = new KeyPair(
                    NodeKeys.publicKey(only(Pem.decode(Pem.PUBLIC_KEY, text))),
                    NodeKeys.privateKey(only(Pem.decode(Pem.PRIVATE_KEY, text))));
            NodeKeys.check(keys);
            return Optional.of(keys);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Whole or absent by its atomic rename; a damaged one was never heard of, or renewal will say that it is
            // stale.
            Files.delete(nextKey());
            return Optional.empty();
        }
    }

    /** The last time that a hub told, {@link Instant#EPOCH} if none did. */
    public Instant trustedTime() {
        try {
            return Instant.parse(
                    Files.readString(directory.resolve("trusted-time")).strip());
        } catch (IOException | DateTimeParseException e) {
            return Instant.EPOCH;
        }
    }

    /** Told by a session and by a renewal beside it, hence one at a time. */
    synchronized void saveTrustedTime(Instant time) throws IOException {
        write(directory.resolve("trusted-time"), time + "\n");
    }

    private Path identity() {
        return directory.resolve("identity.pem");
    }

    private Path authorities() {
        return directory.resolve("ca.pem");
    }

    private Path nextKey() {
        return directory.resolve("next-key.pem");
    }

    private static void append(StringBuilder text, List<X509Certificate> certificates) {
        try {
            for (X509Certificate certificate : certificates) {
                text.append(Pem.encode(Pem.CERTIFICATE, certificate.getEncoded()));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("a certificate cannot be encoded", e);
        }
    }

    private static byte[] only(List<byte[]> blocks) {
        if (blocks.size() != 1) {
            throw new IllegalArgumentException("expected one key, found " + blocks.size());
        }
        return blocks.getFirst();
    }

    private static String header(String text, String name) {
        return text.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no line \"" + name + ": …\""));
    }
}
