package dev.selvage.control.admission;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.compiler.StreamRules;
import dev.selvage.model.Admission;
import dev.selvage.model.AdmissionDenied;
import dev.selvage.model.Conditions;
import dev.selvage.model.DeviceRules;
import dev.selvage.model.FieldError;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import java.util.ArrayList;
import java.util.List;

/** A DeviceModel is sound, its change breaks no Device or Stream that uses it, and it is not deleted under them. */
final class DeviceModelAdmission implements Admission {
    private static final int NAMED = 3;

    private final Catalogue catalogue;

    DeviceModelAdmission(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    @Override
    public void admit(Request request) {
        if (!request.kind().equals(Kinds.DEVICE_MODEL)) {
            return;
        }
        if (request.operation() == Operation.DELETE) {
            refuseWhileUsed(request.key().name());
        }
        Catalogue.declared(request).ifPresent(model -> {
            Catalogue.require(DeviceRules.checkModel(model));
            if (request.operation() == Operation.UPDATE) {
                checkDevices(model);
                checkStreams(model);
            }
        });
    }

    private void refuseWhileUsed(String model) {
        List<String> users = new ArrayList<>();
        catalogue.all(Kinds.DEVICE).stream()
                .filter(device -> Catalogue.usesModel(device, model))
                .forEach(device -> users.add("Device " + Catalogue.name(device)));
        catalogue.all(Kinds.STREAM).stream()
                .filter(stream -> Catalogue.mayRead(stream, model))
                .forEach(stream -> users.add("Stream " + Catalogue.name(stream)));
        if (!users.isEmpty()) {
            throw new AdmissionDenied(
                    409, "DeviceModel " + model + " is in use by " + named(users) + ": delete them first", List.of());
        }
    }

    private void checkDevices(ObjectNode model) {
        for (ObjectNode device : catalogue.all(Kinds.DEVICE)) {
            if (Catalogue.usesModel(device, Meta.name(model))) {
                refuse("Device " + Catalogue.name(device), DeviceRules.check(device, model));
            }
        }
    }

    private void checkStreams(ObjectNode model) {
        List<ObjectNode> models = new ArrayList<>(catalogue.all(Kinds.DEVICE_MODEL));
        models.removeIf(other -> Meta.name(other).equals(Meta.name(model)));
        models.add(model);
        for (ObjectNode stream : catalogue.all(Kinds.STREAM)) {
            boolean works = Conditions.status(stream, "Compiled").equals("True");
            if (works && Catalogue.mayRead(stream, Meta.name(model))) {
                refuse("Stream " + Catalogue.name(stream), StreamRules.check(stream, models));
            }
        }
    }

    private static void refuse(String user, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw new AdmissionDenied(409, "the change breaks " + user + ": " + errors.getFirst(), List.of());
        }
    }

    private static String named(List<String> users) {
        int more = users.size() - NAMED;
        return String.join(", ", users.subList(0, Math.min(NAMED, users.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
