package dev.selvage.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Writes are drafted against the watch cache and judged by the database; a draft that was made from an old state is made again. */
final class StoreResources implements Resources {
    /** One more than this many writers of the same object at once, and a caller hears of the conflict. */
    private static final int ATTEMPTS = 20;

    private static final int NAME_ATTEMPTS = 8;
    private static final Duration CATCH_UP = Duration.ofSeconds(3);

    private final Database database;
    private final WatchCache cache;
    private final GroupCommitter committer;
    private final Follower follower;
    private final Pager pager;
    private final Freshness freshness;

    /** How a write drafts the new state from the current one. */
    private interface Drafting {
        Draft.Plan from(ObjectNode current);
    }

    /** Preconditions that a caller gave; revision 0 and an empty uid mean none. */
    private record Preconditions(long revision, String uid) {
        static Preconditions of(JsonNode body) {
            return new Preconditions(ObjectNames.revision(Meta.resourceVersion(body)), Meta.uid(body));
        }
    }

    StoreResources(Database database, WatchCache cache, GroupCommitter committer, Follower follower) {
        this.database = database;
        this.cache = cache;
        this.committer = committer;
        this.follower = follower;
        this.pager = new Pager(cache);
        this.freshness = new Freshness(
                () -> database.call("reading the counter", ChangeLog::counter).revision());
    }

    @Override
    public Outcome create(ObjectNode body, boolean dryRun) {
        Optional<Kind> kind = ObjectNames.kind(body);
        Optional<String> fault = ObjectNames.faultOfNew(body, kind);
        if (fault.isPresent()) {
            return new Outcome.Invalid(fault.get());
        }
        boolean generated = Meta.name(body).isEmpty();
        Outcome outcome = new Outcome.NotFound();
        for (int attempt = 0; attempt < (generated ? NAME_ATTEMPTS : 1); attempt++) {
            ObjectNode object = Draft.created(kind.orElseThrow(), body);
            if (generated) {
                Meta.of(object)
                        .put(
                                "name",
                                ObjectNames.generate(
                                        Meta.of(body).path("generateName").asText()));
            }
            outcome = createOnce(object, dryRun);
            if (!(outcome instanceof Outcome.AlreadyExists)) {
                return outcome;
            }
        }
        return outcome;
    }

    private Outcome createOnce(ObjectNode object, boolean dryRun) {
        ObjectKey key = ObjectKey.of(object);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Entry> present = cache.snapshot().get(key);
            if (present.isPresent()) {
                // what the cache still holds another process may have removed: let the database judge
                if (dryRun || committer.submit(Write.verify(present.get())) instanceof Write.Result.Verified) {
                    return new Outcome.AlreadyExists(present.get().stored());
                }
                freshen(CATCH_UP);
                continue;
            }
            Encoded encoded = encode(object);
            if (encoded.fault != null) {
                return new Outcome.Invalid(encoded.fault);
            }
            if (dryRun) {
                return new Outcome.WouldCommit(new Stored(key, Meta.uid(object), 0, Json.bytes(object)));
            }
            Write.Result result = committer.submit(Write.of(Write.Kind.CREATE, null, key, object, encoded.form));
            if (result instanceof Write.Result.Done done) {
                return new Outcome.Committed(done.stored());
            }
            if (result instanceof Write.Result.Mismatch(Stored actual) && actual != null) {
                return new Outcome.AlreadyExists(actual);
            }
            // claimed by somebody who removed it again meanwhile: once more
        }
        throw new StoreUnavailableException("create of " + key + ": it comes and goes; nothing was written");
    }

    @Override
    public Outcome replace(ObjectNode body, boolean dryRun) {
        Optional<Kind> kind = ObjectNames.kind(body);
        Optional<String> fault = ObjectNames.faultOf(body, kind);
        return fault.isPresent()
                ? new Outcome.Invalid(fault.get())
                : write(
                        ObjectKey.of(body),
                        Preconditions.of(body),
                        dryRun,
                        current -> Draft.replaced(kind.orElseThrow(), current, body));
    }

    @Override
    public Outcome replaceStatus(ObjectNode body, boolean dryRun) {
        Optional<Kind> kind = ObjectNames.kind(body);
        Optional<String> fault = ObjectNames.faultOf(body, kind);
        return fault.isPresent()
                ? new Outcome.Invalid(fault.get())
                : write(
                        ObjectKey.of(body),
                        Preconditions.of(body),
                        dryRun,
                        current -> Draft.statusReplaced(kind.orElseThrow(), current, body));
    }

    @Override
    public Outcome mutate(ObjectKey key, UnaryOperator<ObjectNode> change) {
        Kind kind = kind(key);
        return change(key, current -> Draft.replaced(kind, current, change.apply(current.deepCopy())));
    }

    @Override
    public Outcome mutateStatus(ObjectKey key, UnaryOperator<ObjectNode> change) {
        Kind kind = kind(key);
        return change(key, current -> Draft.statusReplaced(kind, current, change.apply(current.deepCopy())));
    }

    @Override
    public Outcome mutateWhole(ObjectKey key, UnaryOperator<ObjectNode> change) {
        Kind kind = kind(key);
        return change(key, current -> Draft.wholeReplaced(kind, current, change.apply(current.deepCopy())));
    }

    private Outcome change(ObjectKey key, Drafting drafting) {
        return write(key, new Preconditions(0, ""), false, drafting);
    }

    @Override
    public Outcome delete(ObjectKey key, DeleteOptions options) {
        Kind kind = kind(key);
        @Nullable Long revision = options.revision();
        @Nullable String uid = options.uid();
        return write(
                key,
                new Preconditions(revision == null ? 0 : revision, uid == null ? "" : uid),
                options.dryRun(),
                current -> Draft.deleted(kind, current, options));
    }

    private Outcome write(ObjectKey key, Preconditions preconditions, boolean dryRun, Drafting drafting) {
        @Nullable Entry current = current(key, preconditions.revision);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (current == null) {
                return new Outcome.NotFound();
            }
            @Nullable Outcome refused = refused(current, preconditions);
            if (refused != null) {
                return refused;
            }
            Draft.Plan plan = drafting.from(current.stored().parse());
            Write write;
            switch (plan) {
                case Draft.Plan.Refuse refuse -> {
                    return new Outcome.Invalid(refuse.reason());
                }
                case Draft.Plan.Nothing _ -> write = Write.verify(current);
                case Draft.Plan.Put put -> {
                    Encoded encoded = encode(put.object());
                    if (encoded.fault != null) {
                        return new Outcome.Invalid(encoded.fault);
                    }
                    write = Write.of(Write.Kind.UPDATE, current, key, put.object(), encoded.form);
                }
                case Draft.Plan.Remove remove -> {
                    Encoded encoded = encode(remove.object());
                    if (encoded.fault != null) {
                        return new Outcome.Invalid(encoded.fault);
                    }
                    write = Write.of(Write.Kind.DELETE, current, key, remove.object(), encoded.form);
                }
            }
            if (dryRun) {
                return dryRun(current, write);
            }
            switch (committer.submit(write)) {
                case Write.Result.Done done -> {
                    return new Outcome.Committed(done.stored());
                }
                case Write.Result.Verified _ -> {
                    return new Outcome.Unchanged(current.stored());
                }
                case Write.Result.Mismatch(Stored actual) -> current = actual == null ? null : Entry.of(actual);
            }
        }
        return current == null
                ? new Outcome.NotFound()
                : new Outcome.Conflict(current.stored(), "written by others " + ATTEMPTS + " times meanwhile");
    }

    private static Outcome dryRun(Entry current, Write write) {
        return write.kind() == Write.Kind.VERIFY
                ? new Outcome.Unchanged(current.stored())
                : new Outcome.WouldCommit(new Stored(
                        write.key(), write.uid(), write.expected(), StoredForm.stamp(write.form(), write.expected())));
    }

    /** From the cache; where that has no such object or an older one than the caller knows, after it has caught up. */
    private @Nullable Entry current(ObjectKey key, long knownRevision) {
        Optional<Entry> cached = cache.snapshot().get(key);
        if (cached.isEmpty() || cached.get().stored().revision() < knownRevision) {
            freshen(CATCH_UP);
            cached = cache.snapshot().get(key);
        }
        return cached.orElse(null);
    }

    private static @Nullable Outcome refused(Entry current, Preconditions wanted) {
        Stored stored = current.stored();
        if (!wanted.uid.isEmpty() && !wanted.uid.equals(stored.uid())) {
            return new Outcome.Conflict(
                    stored,
                    "Precondition failed: UID in precondition: " + wanted.uid + ", UID in object meta: "
                            + stored.uid());
        }
        if (wanted.revision != 0 && wanted.revision != stored.revision()) {
            return new Outcome.Conflict(
                    stored,
                    "the object has been modified; please apply your changes to the latest version and try again");
        }
        return null;
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Encoded(byte[] form, @Nullable String fault) {}

    private static Encoded encode(ObjectNode object) {
        Optional<String> unreadable = ReadBack.fault(object);
        if (unreadable.isPresent()) {
            return new Encoded(new byte[0], unreadable.get());
        }
        try {
            byte[] form = StoredForm.encode(object);
            return form.length <= MAX_OBJECT_BYTES
                    ? new Encoded(form, null)
                    : new Encoded(form, "object too large: " + form.length + " bytes, at most " + MAX_OBJECT_BYTES);
        } catch (JsonException e) {
            return new Encoded(new byte[0], "object cannot be written as UTF-8 JSON: " + e.getMessage());
        }
    }

    @Override
    public Optional<Stored> get(ObjectKey key) {
        return cache.snapshot().get(key).map(Entry::stored);
    }

    @Override
    public Page list(Selection selection, int limit, @Nullable String continueToken) {
        return pager.page(selection, limit, continueToken);
    }

    @Override
    public List<Stored> dependents(String ownerUid) {
        List<Stored> found = new ArrayList<>();
        Snapshot snapshot = cache.snapshot();
        snapshot.trees()
                .keySet()
                .forEach(resource -> snapshot.visit(new ObjectKey(resource, "", ""), entry -> {
                    if (entry.owners().contains(ownerUid)) {
                        found.add(entry.stored());
                    }
                    return true;
                }));
        return found;
    }

    @Override
    public WatchStream watch(Selection selection, long fromRevision) {
        if (fromRevision > revision()) {
            try {
                if (!cache.await(fromRevision, CATCH_UP)) {
                    throw new FutureRevisionException(fromRevision, revision());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreUnavailableException("watch: interrupted", e);
            }
        }
        return new CacheWatch(selection, fromRevision, cache, database);
    }

    @Override
    public long revision() {
        return cache.snapshot().revision();
    }

    @Override
    public String incarnation() {
        return follower.incarnation();
    }

    @Override
    public boolean freshen(Duration wait) {
        try {
            return cache.await(freshness.committed(), wait);
        } catch (StoreUnavailableException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Kind kind(ObjectKey key) {
        return Kinds.byId(key.resource()).orElseThrow(() -> new IllegalArgumentException("no kind " + key.resource()));
    }
}
