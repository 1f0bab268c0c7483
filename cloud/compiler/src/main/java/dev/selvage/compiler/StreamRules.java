package dev.selvage.compiler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Device;
import dev.selvage.model.DeviceProperty;
import dev.selvage.model.FieldError;
import dev.selvage.model.InvalidObjectException;
import dev.selvage.model.Meta;
import dev.selvage.model.StreamSpec;
import dev.selvage.model.WriteAuthority;
import dev.selvage.model.plan.Plan;
import dev.selvage.model.plan.Sink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What must hold of a Stream beyond its schema; {@code control} calls it from admission and from the stream controller. */
public final class StreamRules {
    private static final StreamCompiler COMPILER = new StreamCompiler();

    private StreamRules() {}

    /** Faults of a Stream alone: fields, SQL with its position, sink. Empty when it compiles. */
    public static List<FieldError> check(ObjectNode stream, Collection<ObjectNode> models) {
        StreamSpec spec;
        try {
            spec = StreamSpec.of(stream);
        } catch (InvalidObjectException e) {
            return e.errors();
        }
        return switch (COMPILER.compile(spec, Catalog.of(models))) {
            case CompileResult.Compiled _ -> List.of();
            case CompileResult.Rejected(List<SqlError> errors) ->
                errors.stream().map(StreamRules::field).toList();
        };
    }

    /**
     * Devices of the Stream's namespace whose written property names another authority: a property has one writer.
     *
     * @param devices any Devices; those of other namespaces or models are passed over
     */
    public static List<FieldError> checkWriters(
            ObjectNode stream, Collection<ObjectNode> models, Collection<ObjectNode> devices) {
        Optional<Plan> writing = writing(stream, models);
        List<FieldError> errors = new ArrayList<>();
        for (ObjectNode object : devices) {
            Device device = Device.of(object);
            if (writing.isEmpty() || !feeds(device, stream, writing.get())) {
                continue;
            }
            for (DeviceProperty property : written(device, writing.get())) {
                if (!property.authority().equals(authority(stream))) {
                    errors.add(new FieldError(
                            "spec.sink.property",
                            "property " + property.name() + " of Device "
                                    + device.key().name() + ", whose authority is " + property.authority(),
                            "properties whose authority is " + authority(stream)));
                }
            }
        }
        return errors;
    }

    /** The other side of {@link #checkWriters}: one Device against the Streams there are. */
    public static List<FieldError> checkDevice(
            ObjectNode device, Collection<ObjectNode> models, Collection<ObjectNode> streams) {
        Device view = Device.of(device);
        List<FieldError> errors = new ArrayList<>();
        for (ObjectNode stream : streams) {
            Optional<Plan> writing = writing(stream, models);
            if (Meta.deleting(stream) || writing.isEmpty() || !feeds(view, stream, writing.get())) {
                continue;
            }
            for (DeviceProperty property : written(view, writing.get())) {
                if (!property.authority().equals(authority(stream))) {
                    int i = view.properties().indexOf(property);
                    errors.add(new FieldError(
                            "spec.properties[" + i + "].authority",
                            property.authority().toString(),
                            authority(stream) + ", because that Stream writes " + property.name()));
                }
            }
        }
        return errors;
    }

    private static Optional<Plan> writing(ObjectNode stream, Collection<ObjectNode> models) {
        try {
            StreamSpec spec = StreamSpec.of(stream);
            return spec.sink() instanceof Sink.Property
                            && COMPILER.compile(spec, Catalog.of(models)) instanceof CompileResult.Compiled(Plan plan)
                    ? Optional.of(plan)
                    : Optional.empty();
        } catch (InvalidObjectException e) {
            return Optional.empty();
        }
    }

    private static boolean feeds(Device device, ObjectNode stream, Plan plan) {
        return device.key().namespace().equals(Meta.namespace(stream))
                && device.model().equals(plan.model())
                && plan.selector().matches(device.labels());
    }

    private static List<DeviceProperty> written(Device device, Plan plan) {
        return device.properties().stream()
                .filter(p -> plan.values().stream().anyMatch(v -> v.name().equals(p.name())))
                .toList();
    }

    private static WriteAuthority authority(ObjectNode stream) {
        return WriteAuthority.stream(Meta.name(stream));
    }

    private static FieldError field(SqlError error) {
        return new FieldError(
                "spec.sql",
                "line " + error.line() + ", column " + error.column() + ": " + error.message(),
                error.accepted().isEmpty() ? "SQL as Flink's" : "accepted: " + error.accepted());
    }
}
