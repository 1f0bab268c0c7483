package dev.selvage.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.selvage.files.CheckedFile;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Who stands at the loopback API's door. The site's own people hold the site's token, a file that only the agent's user can read. A pod holds a token that names it
 * and is signed with the node's key (HMAC-SHA256), so that nothing has to be remembered; it counts while the node holds that very pod.
 */
final class Tokens {
    /** Somebody who may ask. */
    sealed interface Caller {
        /** Sees the whole node. */
        record Site() implements Caller {}

        /** Sees what is in its own namespace. */
        record Pod(String namespace, String name) implements Caller {}

        /** Whether the caller may know of what is in this namespace. */
        default boolean sees(String namespace) {
            return switch (this) {
                case Site site -> true;
                case Pod pod -> pod.namespace().equals(namespace);
            };
        }
    }

    private static final String SEPARATOR = "/";

    private final byte[] siteToken;
    private final SecretKeySpec key;
    private final Function<ObjectKey, Optional<String>> podUid;

    private Tokens(byte[] siteToken, byte[] key, Function<ObjectKey, Optional<String>> podUid) {
        this.siteToken = siteToken;
        this.key = new SecretKeySpec(key, "HmacSHA256");
        this.podUid = podUid;
    }

    /**
     * @param podUid the uid of a pod that the node holds
     * @param faults hears in words when the key was damaged
     */
    static Tokens open(Home home, Function<ObjectKey, Optional<String>> podUid, Consumer<String> faults)
            throws IOException {
        return new Tokens(secret(home.siteToken()).getBytes(UTF_8), key(home.podTokenKey(), faults), podUid);
    }

    /** The key in a file, made at the first time. */
    private static byte[] key(Path path, Consumer<String> faults) throws IOException {
        CheckedFile file = new CheckedFile(
                path, what -> faults.accept(what + "; pods use the loopback API again once they are started anew"));
        Optional<byte[]> present = file.read();
        if (present.isPresent()) {
            return present.get();
        }
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        file.write(key);
        return key;
    }

    /** The secret in a file, made at the first time. */
    private static String secret(Path file) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, HexFormat.of().formatHex(random) + "\n", StandardOpenOption.SYNC);
        } catch (FileAlreadyExistsException present) {
            String text = new String(Files.readAllBytes(file), ISO_8859_1).strip();
            if (!text.matches("[0-9a-f]{64}")) {
                Files.delete(file);
                return secret(file);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return text;
        }
        return HexFormat.of().formatHex(random);
    }

    /** The same for the same pod, whenever it is asked. */
    String ofPod(String namespace, String name, String uid) {
        String subject = String.join(SEPARATOR, namespace, name, uid);
        return encode(subject.getBytes(UTF_8)) + "." + encode(sign(subject));
    }

    /** Empty when the token is nobody's. */
    Optional<Caller> caller(String token) {
        if (MessageDigest.isEqual(siteToken, token.getBytes(UTF_8))) {
            return Optional.of(new Caller.Site());
        }
        int dot = token.indexOf('.');
        return dot < 0 ? Optional.empty() : pod(token.substring(0, dot), token.substring(dot + 1));
    }

    private Optional<Caller> pod(String encodedSubject, String encodedSignature) {
        try {
            String subject = new String(Base64.getUrlDecoder().decode(encodedSubject), UTF_8);
            byte[] signature = Base64.getUrlDecoder().decode(encodedSignature);
            String[] parts = subject.split(SEPARATOR, -1);
            if (parts.length != 3 || !MessageDigest.isEqual(sign(subject), signature)) {
                return Optional.empty();
            }
            return podUid.apply(ObjectKey.of(Kinds.POD, parts[0], parts[1]))
                    .filter(parts[2]::equals)
                    .map(uid -> new Caller.Pod(parts[0], parts[1]));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private byte[] sign(String subject) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return mac.doFinal(("selvage-pod-token-1/" + subject).getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
