package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.StreamRules;
import dev.selvage.model.Admission;
import dev.selvage.model.Kinds;
import java.util.List;

/** A Stream compiles against the models there are, and is the one writer of what it writes. */
final class StreamAdmission implements Admission {
    private final Catalogue catalogue;

    StreamAdmission(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @Override
    public void admit(Request request) {
        if (request.kind().equals(Kinds.STREAM)) {
            Catalogue.declared(request)
                    .ifPresent(stream -> check(stream, request.key().namespace()));
        }
    }

    private void check(ObjectNode stream, String namespace) {
        List<ObjectNode> models = catalogue.all(Kinds.DEVICE_MODEL);
        Catalogue.require(StreamRules.check(stream, models));
        Catalogue.require(StreamRules.checkWriters(stream, models, catalogue.in(Kinds.DEVICE, namespace)));
    }
}
