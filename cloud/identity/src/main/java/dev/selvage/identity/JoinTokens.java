package dev.selvage.identity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.JoinToken;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Outcome;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks join tokens and counts their uses. */
final class JoinTokens {
    private static final Pattern FORM = Pattern.compile("([a-z0-9][-a-z0-9]{0,62})\\.([\\x21-\\x7e]{16,256})");
    private static final Duration FRESHEN = Duration.ofSeconds(2);
    private static final int REMEMBERED_USERS = 100;

    private final Resources resources;
    private final Clock clock;

    JoinTokens(Resources resources, Clock clock) {
        this.resources = resources;
        this.clock = clock;
    }

    /** A token that may be used, by its object's uid. */
    record Admitted(ObjectKey key, String uid, JoinToken token) {}

    /** The token is valid for this node name; nothing is counted yet. */
    Admitted admit(String text, String node) throws DeniedException {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new DeniedException(
                    Denial.TOKEN_MALFORMED,
                    "join token: found " + text.length()
                            + " characters that are not NAME.SECRET, as selvage join prints it");
        }
        String name = form.group(1);
        ObjectKey key = ObjectKey.cluster(Kinds.JOIN_TOKEN, name);
        Stored stored = find(key).orElseThrow(() -> unknown(name));
        JoinToken token = JoinToken.of(stored.parse());
        if (!secretMatches(token, form.group(2))) {
            throw unknown(name);
        }
        if (token.expired(clock.instant())) {
            throw new DeniedException(
                    Denial.TOKEN_EXPIRED,
                    "join token \"" + name + "\" ended at "
                            + token.expiresAt().map(Object::toString).orElse("an unreadable time"));
        }
        if (!token.nodeName().isEmpty() && !token.nodeName().equals(node)) {
            throw new DeniedException(
                    Denial.NAME_NOT_ALLOWED,
                    "join token \"" + name + "\" is for the node \"" + token.nodeName() + "\", found \"" + node + "\"");
        }
        return new Admitted(key, stored.uid(), token);
    }

    /** Counts a use, if one is left. */
    void use(Admitted admitted, String node) throws DeniedException {
        try {
            Outcome outcome = resources.mutateStatus(admitted.key(), object -> counted(admitted, object, node));
            if (!outcome.succeeded()) {
                throw outcome instanceof Outcome.NotFound
                        ? unknown(admitted.key().name())
                        : new DeniedException(
                                Denial.TOKEN_USED,
                                "join token \"" + admitted.key().name() + "\" is in use by others just now");
            }
        } catch (NoUseLeft e) {
            throw new DeniedException(
                    Denial.TOKEN_USED,
                    "join token \"" + admitted.key().name() + "\" was used " + e.uses + " of " + e.uses + " times");
        }
    }

    private static ObjectNode counted(Admitted admitted, ObjectNode object, String node) {
        JoinToken now = JoinToken.of(object);
        if (now.usedUp() || !Meta.uid(object).equals(admitted.uid())) {
            throw new NoUseLeft(now.uses());
        }
        ObjectNode status = Json.child(object, "status");
        status.put("uses", now.uses() + 1);
        var users = status.withArray("usedBy");
        users.add(node);
        while (users.size() > REMEMBERED_USERS) {
            users.remove(0);
        }
        return object;
    }

    private Optional<Stored> find(ObjectKey key) {
        Optional<Stored> cached = resources.get(key);
        return cached.isEmpty() && resources.freshen(FRESHEN) ? resources.get(key) : cached;
    }

    private static boolean secretMatches(JoinToken token, String secret) {
        String hash = HexFormat.of().formatHex(Keys.sha256(secret.getBytes(StandardCharsets.UTF_8)));
        return MessageDigest.isEqual(
                hash.getBytes(StandardCharsets.US_ASCII), token.tokenHash().getBytes(StandardCharsets.US_ASCII));
    }

    private static DeniedException unknown(String name) {
        return new DeniedException(
                Denial.TOKEN_UNKNOWN, "join token \"" + name + "\" does not exist, was revoked, or has another secret");
    }

    /** The token is not accepted. */
    static final class DeniedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Denial reason;
        private final String text;

        DeniedException(Denial reason, String message) {
            super(message);
            this.reason = reason;
            this.text = message;
        }

        Answer.Denied denied() {
            return new Answer.Denied(reason, text);
        }
    }

    /** Ends the read-modify-write of the token's status. */
    private static final class NoUseLeft extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int uses;

        NoUseLeft(int uses) {
            super("no use left", null, false, false);
            this.uses = uses;
        }
    }
}
