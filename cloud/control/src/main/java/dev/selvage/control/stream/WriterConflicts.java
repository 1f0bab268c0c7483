package dev.selvage.control.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.StreamRules;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Declarations;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Finds second writers that slipped past admission, as two requests at once on two servers can, and says so in the
 * condition {@code Conflict} of the Stream and of the Device. The node obeys the Device's authority, so nothing moves
 * twice meanwhile.
 */
public final class WriterConflicts implements Part {
    private static final String CONDITION = "Conflict";
    private static final Duration GATHER = Duration.ofMillis(200);
    private static final int SHOWN = 3;

    private final Informer streams;
    private final Informer devices;
    private final Informer models;
    private final Writer writer;
    private final Clock clock;
    private final Declarations declared = new Declarations();
    private final Controller<String> controller = new Controller<>("writer-conflicts", this::reconcile);

    public WriterConflicts(Informers informers, Writer writer, Clock clock) {
        this.streams = informers.of(Kinds.STREAM);
        this.devices = informers.of(Kinds.DEVICE);
        this.models = informers.of(Kinds.DEVICE_MODEL);
        this.writer = writer;
        this.clock = clock;
        streams.listen(this::changed);
        devices.listen(this::changed);
        models.listen(change -> {
            if (declared.moved(change)) {
                streams.all()
                        .forEach(stream -> controller.enqueueAfter(stream.key().namespace(), GATHER));
            }
        });
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void changed(Change change) {
        if (declared.moved(change)) {
            controller.enqueueAfter(change.key().namespace(), GATHER);
        }
    }

    private Next reconcile(String namespace) {
        List<ObjectNode> writing = parse(streams.inNamespace(namespace)).stream()
                .filter(stream -> Json.at(stream, "spec", "sink", "property").isObject())
                .toList();
        List<ObjectNode> there = parse(devices.inNamespace(namespace));
        List<ObjectNode> catalog = parse(models.all());
        boolean any = false;
        for (ObjectNode stream : writing) {
            List<FieldError> errors = StreamRules.checkWriters(stream, catalog, there);
            any |= !errors.isEmpty();
            mark(stream, errors);
        }
        for (ObjectNode device : there) {
            if (any || Conditions.status(device, CONDITION).equals("True")) {
                mark(device, StreamRules.checkDevice(device, catalog, writing));
            }
        }
        return Next.DONE;
    }

    private void mark(ObjectNode object, List<FieldError> errors) {
        boolean conflict = !errors.isEmpty();
        if (!conflict && !Conditions.status(object, CONDITION).equals("True")) {
            return;
        }
        String message = errors.stream().limit(SHOWN).map(FieldError::toString).collect(Collectors.joining("; "));
        if (set(object.deepCopy(), conflict, message)) {
            writer.mutateStatus(ObjectKey.of(object), Meta.uid(object), now -> set(now, conflict, message));
        }
    }

    private boolean set(ObjectNode object, boolean conflict, String message) {
        return Conditions.set(
                object,
                CONDITION,
                conflict ? "True" : "False",
                conflict ? "SecondWriter" : "OneWriter",
                message,
                clock.instant());
    }

    private static List<ObjectNode> parse(Collection<Stored> stored) {
        return stored.stream().map(Stored::parse).toList();
    }
}
