package dev.selvage.control.stream;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.Catalog;
import dev.selvage.compiler.CompileResult;
import dev.selvage.compiler.SqlError;
import dev.selvage.compiler.StreamCompiler;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Declarations;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Conditions;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.plan.PlanCodec;
import dev.selvage.store.Stored;
import java.time.Clock;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Compiles each Stream when it or a DeviceModel changes, and writes the plan that nodes run into its status. Where the
 * query no longer compiles, the plan stays as it was and the condition {@code Compiled} says why: nodes go on.
 */
public final class StreamPlans implements Part {
    private static final String CONDITION = "Compiled";

    private final Informer streams;
    private final Informer models;
    private final Writer writer;
    private final Clock clock;
    private final StreamCompiler compiler = new StreamCompiler();
    private final Declarations declared = new Declarations();
    private final Controller<ObjectKey> controller = new Controller<>("stream", this::reconcile);

    private sealed interface Result {
        record Good(ObjectNode plan) implements Result {}

        record Wrong(String reason, String message) implements Result {}
    }

    public StreamPlans(Informers informers, Writer writer, Clock clock) {
        this.streams = informers.of(Kinds.STREAM);
        this.models = informers.of(Kinds.DEVICE_MODEL);
        this.writer = writer;
        this.clock = clock;
        streams.listen(change -> {
            if (declared.moved(change)) {
                controller.enqueue(change.key());
            }
        });
        models.listen(change -> {
            if (declared.moved(change)) {
                streams.all().forEach(stream -> controller.enqueue(stream.key()));
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

    private Next reconcile(ObjectKey key) {
        Optional<Stored> stored = streams.get(key);
        if (stored.isPresent()) {
            ObjectNode stream = stored.get().parse();
            if (!Meta.deleting(stream)) {
                Result result = compile(stream);
                if (apply(stream.deepCopy(), result)) {
                    long generation = Meta.generation(stream);
                    writer.mutateStatus(
                            key, stored.get().uid(), now -> Meta.generation(now) == generation && apply(now, result));
                }
            }
        }
        return Next.DONE;
    }

    private Result compile(ObjectNode stream) {
        Catalog catalog = Catalog.of(models.all().stream().map(Stored::parse).toList());
        try {
            return switch (compiler.compile(StreamSpec.of(stream), catalog)) {
                case CompileResult.Compiled compiled -> new Result.Good(PlanCodec.write(compiled.plan()));
                case CompileResult.Rejected rejected ->
                    new Result.Wrong(
                            "SqlRejected",
                            rejected.errors().stream().map(SqlError::toString).collect(Collectors.joining("; ")));
            };
        } catch (InvalidObjectException e) {
            return new Result.Wrong("Invalid", String.valueOf(e.getMessage()));
        }
    }

    private boolean apply(ObjectNode stream, Result result) {
        ObjectNode status = Json.child(stream, "status");
        boolean changed = status.path("observedGeneration").asLong(-1) != Meta.generation(stream);
        status.put("observedGeneration", Meta.generation(stream));
        return switch (result) {
            case Result.Good(ObjectNode plan) -> {
                changed |= !plan.equals(status.get("plan"));
                status.set("plan", plan);
                yield Conditions.set(stream, CONDITION, "True", "Compiled", "", clock.instant()) || changed;
            }
            case Result.Wrong(String reason, String message) ->
                Conditions.set(stream, CONDITION, "False", reason, message, clock.instant()) || changed;
        };
    }
}
