package dev.selvage.control.namespace;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Parallel;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.DeleteOptions;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties a namespace that is being deleted, then lets go of it (upstream's namespace controller): phase Terminating, all
 * contents deleted, finalizer {@code kubernetes} removed when the database holds nothing of it any more. Its conditions
 * say what is left, such as a pod whose node has yet to confirm.
 */
public final class NamespaceDeletion implements Part {
    private static final Logger LOG = LoggerFactory.getLogger(NamespaceDeletion.class);
    private static final List<Kind> CONTENTS =
            Kinds.all().stream().filter(Kind::namespaced).toList();
    private static final String FINALIZER = "kubernetes";
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
    private static final int WRITES_AT_ONCE = 32;

    private final Informers informers;
    private final Writer writer;
    private final Clock clock;
    private final Set<String> terminating = ConcurrentHashMap.newKeySet();
    private final Controller<String> controller = new Controller<>("namespace", this::reconcile);
    private final Parallel parallel = new Parallel("namespace", WRITES_AT_ONCE);

    public NamespaceDeletion(Informers informers, Writer writer, Clock clock) {
        this.informers = informers;
        this.writer = writer;
        this.clock = clock;
        informers.of(Kinds.NAMESPACE).listen(this::namespaceChanged);
        for (Kind kind : CONTENTS) {
            informers.of(kind).listen(this::contentChanged);
        }
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
        parallel.close();
    }

    private void namespaceChanged(Change change) {
        String name = change.key().name();
        if (change.object().filter(Meta::deleting).isPresent()) {
            terminating.add(name);
            controller.enqueue(name);
        } else {
            terminating.remove(name);
        }
    }

    private void contentChanged(Change change) {
        if (terminating.contains(change.key().namespace())) {
            controller.enqueueAfter(change.key().namespace(), Duration.ofMillis(50));
        }
    }

    private Next reconcile(String name) throws InterruptedException {
        ObjectKey key = ObjectKey.cluster(Kinds.NAMESPACE, name);
        Optional<Stored> stored = informers.of(Kinds.NAMESPACE).get(key);
        if (stored.isEmpty() || !Meta.deleting(stored.get().parse())) {
            return Next.DONE;
        }
        String uid = stored.get().uid();
        Leftovers left = new Leftovers();
        for (Kind kind : CONTENTS) {
            delete(name, informers.of(kind), kind, left);
        }
        if (left.none() && empty(name)) {
            finish(key, uid);
            return Next.DONE;
        }
        writer.mutateStatus(key, uid, now -> left.describe(now, clock.instant()));
        return Next.after(LOOK_AGAIN);
    }

    private void delete(String namespace, Informer informer, Kind kind, Leftovers left) throws InterruptedException {
        for (Stored content : informer.inNamespace(namespace)) {
            ObjectNode object = content.parse();
            left.add(kind, object);
            if (!Meta.deleting(object)) {
                parallel.run(() -> writer.delete(content.key(), DeleteOptions.ofUid(content.uid())));
            }
        }
    }

    /** Asks the database, for an informer may not know yet what another server has just created. */
    private boolean empty(String namespace) {
        return CONTENTS.stream()
                .allMatch(kind -> writer.read(Selection.in(kind, namespace), 1).isEmpty());
    }

    private void finish(ObjectKey key, String uid) {
        writer.mutate(key, uid, NamespaceDeletion::release);
        writer.delete(key, DeleteOptions.now(uid));
        LOG.info("namespace {} is deleted", key.name());
    }

    private static boolean release(ObjectNode namespace) {
        if (!(Json.at(namespace, "spec", "finalizers") instanceof ArrayNode finalizers)) {
            return false;
        }
        for (int i = finalizers.size() - 1; i >= 0; i--) {
            if (finalizers.get(i).asText("").equals(FINALIZER)) {
                finalizers.remove(i);
                return true;
            }
        }
        return false;
    }
}
