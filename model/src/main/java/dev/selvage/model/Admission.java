package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A door in front of the store: refuses a write, or completes the object with defaults. */
@FunctionalInterface
public interface Admission {
    /**
     * @throws AdmissionDenied when the write must not happen; nothing is changed then
     */
    void admit(Request request);

    enum Operation {
        CREATE,
        UPDATE,
        STATUS,
        DELETE
    }

    /**
     * @param old the stored object; null for a create
     * @param object the object as it would be stored, may be completed in place; null for a delete
     * @param user who asks
     * @param warnings takes what the client should be warned of though the write is let through
     */
    record Request(
            Operation operation,
            Kind kind,
            ObjectKey key,
            @Nullable ObjectNode old,
            @Nullable ObjectNode object,
            String user,
            boolean dryRun,
            Consumer<String> warnings) {

        /** For writers that nobody warns. */
        public Request(
                Operation operation,
                Kind kind,
                ObjectKey key,
                @Nullable ObjectNode old,
                @Nullable ObjectNode object,
                String user,
                boolean dryRun) {
            this(operation, kind, key, old, object, user, dryRun, warning -> {});
        }
    }
}
