package dev.selvage.control.gc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.DeleteOptions.Propagation;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes objects whose owners have gone, and carries out foreground and orphaning deletions. An owner that the informers
 * do not know is looked up in the database before anything is deleted for its sake.
 */
public final class GarbageCollector implements Part {
    private static final Logger LOG = LoggerFactory.getLogger(GarbageCollector.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Writer writer;
    private final Graph graph = new Graph();
    private final Controller<String> controller = new Controller<>("garbage", this::reconcile);

    public GarbageCollector(Informers informers, Writer writer) {
        this.writer = writer;
        for (Kind kind : followed()) {
            informers.of(kind).listen(this::changed);
        }
    }

    /** Events and Leases own nothing and are owned by nothing that matters; upstream leaves Events out, too. */
    private static Collection<Kind> followed() {
        return Kinds.all().stream()
                .filter(kind -> !kind.equals(Kinds.EVENT) && !kind.equals(Kinds.LEASE))
                .toList();
    }

    /** To be called when all kinds have been listed: else an owner might only seem to be gone. */
    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void changed(Change change) {
        change.replacedUid().ifPresent(this::gone);
        Optional<ObjectNode> object = change.object();
        if (object.isEmpty()) {
            gone(change.uid());
            return;
        }
        Entry entry = Entry.of(change.key(), object.get());
        graph.get(entry.uid())
                .filter(before -> !before.owners().equals(entry.owners()))
                .ifPresent(before -> before.owners().forEach(owner -> controller.enqueue(owner.uid())));
        graph.put(entry);
        if (entry.deleting() || !entry.owners().isEmpty()) {
            controller.enqueue(entry.uid());
        }
        if (entry.deleting()) {
            entry.owners().forEach(owner -> controller.enqueue(owner.uid()));
            graph.dependents(entry.uid()).forEach(controller::enqueue);
        }
    }

    private void gone(String uid) {
        Optional<Entry> entry = graph.get(uid);
        graph.remove(uid);
        graph.dependents(uid).forEach(controller::enqueue);
        entry.ifPresent(e -> e.owners().forEach(owner -> controller.enqueue(owner.uid())));
    }

    private Next reconcile(String uid) {
        Next next = Next.DONE;
        for (Action action : graph.decide(uid)) {
            if (!apply(action)) {
                next = Next.after(LOOK_AGAIN);
            }
        }
        return next;
    }

    /** Returns false where an owner that seemed to be gone is there after all. */
    private boolean apply(Action action) {
        switch (action) {
            case Action.Delete(ObjectKey key, String uid, boolean foreground, Set<Owner> suspects) -> {
                if (suspects.stream().anyMatch(this::present)) {
                    return false;
                }
                LOG.info("deleting {}: its owners have gone", key);
                Propagation propagation = foreground ? Propagation.FOREGROUND : Propagation.BACKGROUND;
                writer.delete(key, new DeleteOptions(uid, null, propagation, null, false, false));
            }
            case Action.DropOwners(ObjectKey key, String uid, Set<String> owners, Set<Owner> suspects) -> {
                if (suspects.stream().anyMatch(this::present)) {
                    return false;
                }
                writer.mutate(
                        key,
                        uid,
                        now -> drop(now, "ownerReferences", owner -> owners.contains(Json.textAt(owner, "uid"))));
            }
            case Action.RemoveFinalizer(ObjectKey key, String uid, String finalizer) ->
                writer.mutate(
                        key,
                        uid,
                        now -> drop(now, "finalizers", name -> name.asText("").equals(finalizer)));
        }
        return true;
    }

    private boolean present(Owner owner) {
        return owner.key()
                .flatMap(writer::read)
                .filter(stored -> stored.uid().equals(owner.uid()))
                .isPresent();
    }

    private static boolean drop(ObjectNode object, String list, Predicate<JsonNode> which) {
        if (!(Json.at(object, "metadata", list) instanceof ArrayNode entries)) {
            return false;
        }
        int before = entries.size();
        for (int i = before - 1; i >= 0; i--) {
            if (which.test(entries.get(i))) {
                entries.remove(i);
            }
        }
        if (entries.isEmpty()) {
            Json.child(object, "metadata").remove(list);
        }
        return before != 0 && Json.at(object, "metadata", list).size() < before;
    }
}
