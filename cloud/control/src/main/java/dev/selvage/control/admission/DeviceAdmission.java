package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.StreamRules;
import dev.selvage.model.Admission;
import dev.selvage.model.DeviceRules;
import dev.selvage.model.FieldError;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.util.List;
import java.util.Optional;

/** A Device fits its model, and each of its properties has one writer. */
final class DeviceAdmission implements Admission {
    private final Catalogue catalogue;

    DeviceAdmission(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @Override
    public void admit(Request request) {
        if (request.kind().equals(Kinds.DEVICE)) {
            Catalogue.declared(request)
                    .ifPresent(device -> check(device, request.key().namespace()));
        }
    }

    private void check(ObjectNode device, String namespace) {
        String name = Json.textAt(device, "spec", "model");
        Optional<ObjectNode> model = catalogue.model(name).filter(m -> !Meta.deleting(m));
        if (model.isEmpty()) {
            Catalogue.require(List.of(new FieldError("spec.model", name, "the name of a DeviceModel that exists")));
        }
        model.ifPresent(m -> Catalogue.require(DeviceRules.check(device, m)));
        List<ObjectNode> streams = catalogue.in(Kinds.STREAM, namespace).stream()
                .filter(stream -> Catalogue.writesProperties(stream) && Catalogue.mayRead(stream, name))
                .toList();
        if (!streams.isEmpty()) {
            Catalogue.require(StreamRules.checkDevice(device, catalogue.all(Kinds.DEVICE_MODEL), streams));
        }
    }
}
