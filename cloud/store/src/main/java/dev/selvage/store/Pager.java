package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lists in pages, each at the revision of the first. The snapshots of unfinished lists are kept, the latest of them; an older one is replaced by the
 * present when the resource has not changed since, and else the token is expired.
 */
final class Pager {
    private static final int KEPT = 64;

    private final WatchCache cache;
    private final Map<Long, Snapshot> unfinished = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Snapshot> eldest) {
            return size() > KEPT;
        }
    };

    /** Where a list goes on: after {@code last}, at {@code revision}. */
    private record Token(long revision, ObjectKey last) {
        String encode() {
            ObjectNode json = Json.object();
            json.put("v", 1)
                    .put("rv", revision)
                    .put("resource", last.resource())
                    .put("namespace", last.namespace())
                    .put("name", last.name());
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.bytes(json));
        }

        static Token decode(String text, String resource) {
            try {
                ObjectNode json =
                        Json.parseObject(new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8));
                ObjectKey last = new ObjectKey(
                        Json.textAt(json, "resource"), Json.textAt(json, "namespace"), Json.textAt(json, "name"));
                if (json.path("v").asInt() == 1 && last.resource().equals(resource)) {
                    return new Token(json.path("rv").asLong(), last);
                }
            } catch (JsonException | IllegalArgumentException e) {
                throw new IllegalArgumentException("continue: found \"" + text + "\", which is no token of a list", e);
            }
            throw new IllegalArgumentException("continue: the token belongs to another list than " + resource);
        }
    }

    Pager(WatchCache cache) {
        this.cache = cache;
    }

    Page page(Selection selection, int limit, @Nullable String continueToken) {
        if (continueToken == null || continueToken.isEmpty()) {
            String namespace = selection.namespace() == null ? "" : selection.namespace();
            return page(cache.snapshot(), selection, limit, new ObjectKey(selection.resource(), namespace, ""));
        }
        Token token = Token.decode(continueToken, selection.resource());
        // the smallest key after the last one
        ObjectKey from = new ObjectKey(token.last.resource(), token.last.namespace(), token.last.name() + "\0");
        return page(snapshotAt(token), selection, limit, from);
    }

    private Page page(Snapshot snapshot, Selection selection, int limit, ObjectKey from) {
        List<Stored> items = new ArrayList<>();
        boolean[] more = {false};
        snapshot.visit(from, entry -> {
            if (selection.namespace() != null
                    && !selection.namespace().equals(entry.key().namespace())) {
                return false;
            }
            if (selection.matches(entry.key(), entry.marks())) {
                if (limit > 0 && items.size() == limit) {
                    more[0] = true;
                    return false;
                }
                items.add(entry.stored());
            }
            return true;
        });
        if (!more[0]) {
            return new Page(items, snapshot.revision(), null, 0);
        }
        keep(snapshot);
        String token = new Token(snapshot.revision(), items.getLast().key()).encode();
        long remaining = selection.selective() ? 0 : snapshot.count(from, selection.namespace()) - items.size();
        return new Page(items, snapshot.revision(), token, remaining);
    }

    private Snapshot snapshotAt(Token token) {
        Snapshot now = cache.snapshot();
        if (now.sameSince(token.revision, token.last.resource())) {
            return new Snapshot(token.revision, now.incarnation(), now.trees(), now.changed());
        }
        synchronized (unfinished) {
            @Nullable Snapshot kept = unfinished.get(token.revision);
            if (kept != null) {
                return kept;
            }
        }
        throw new ExpiredException(new Token(now.revision(), token.last).encode());
    }

    private void keep(Snapshot snapshot) {
        synchronized (unfinished) {
            unfinished.put(snapshot.revision(), snapshot);
        }
    }
}
