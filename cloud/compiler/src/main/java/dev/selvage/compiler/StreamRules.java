package dev.selvage.compiler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.FieldError;
import java.util.Collection;
import java.util.List;

/** What must hold of a Stream beyond its schema; {@code control} calls it from admission and from the stream controller. */
@SuppressWarnings("DoNotCallSuggester")
public final class StreamRules {
    private StreamRules() {}

    /** Faults of a Stream alone: fields, SQL with its position, sink. Empty when it compiles. */
    public static List<FieldError> check(ObjectNode stream, Collection<ObjectNode> models) {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * Devices of the Stream's namespace whose written property names another authority: a property has one writer.
     *
     * @param devices any Devices; those of other namespaces or models are passed over
     */
    public static List<FieldError> checkWriters(
            ObjectNode stream, Collection<ObjectNode> models, Collection<ObjectNode> devices) {
        throw new UnsupportedOperationException("not yet");
    }

    /** The other side of {@link #checkWriters}: one Device against the Streams there are. */
    public static List<FieldError> checkDevice(
            ObjectNode device, Collection<ObjectNode> models, Collection<ObjectNode> streams) {
        throw new UnsupportedOperationException("not yet");
    }
}
