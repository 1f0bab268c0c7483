package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hub says what is asked, an administrator decides it, and who decided when is written down by the centre itself. */
final class NodeRequestAdmission implements Admission {
    private final Clock clock;

    NodeRequestAdmission(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void admit(Request request) {
        ObjectNode object = request.object();
        if (!request.kind().equals(Kinds.NODE_REQUEST) || object == null) {
            return;
        }
        switch (request.operation()) {
            case CREATE -> throw new AdmissionDenied(403, "node requests are made by the centre", List.of());
            case UPDATE -> requireSameSpec(request.old(), object);
            case STATUS -> decide(request.old(), object, request.user());
            case DELETE -> {}
        }
    }

    private static void requireSameSpec(@Nullable ObjectNode old, ObjectNode object) {
        if (old != null && !old.path("spec").equals(object.path("spec"))) {
            throw new AdmissionDenied(
                    403,
                    "the spec of a node request is the centre's: only its status can be changed, by selvage approve or selvage deny",
                    List.of());
        }
    }

    private void decide(@Nullable ObjectNode old, ObjectNode object, String user) {
        String found = Json.textAt(object, "status", "state");
        State state = Arrays.stream(State.values())
                .filter(s -> s.toString().equals(found))
                .findFirst()
                .orElseThrow(() -> {
                    var error = new FieldError("status.state", found, "Pending, Approved or Denied");
                    return new AdmissionDenied(422, error.toString(), List.of(error));
                });
        if (old == null || !Json.textAt(old, "status", "state").equals(found)) {
            NodeRequest.decide(object, state, user, clock.instant());
        } else {
            object.set("status", old.path("status").deepCopy());
        }
    }
}
