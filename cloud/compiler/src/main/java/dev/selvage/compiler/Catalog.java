package dev.selvage.compiler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceModel;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** The tables that a query may name: one for each DeviceModel. */
public record Catalog(Map<String, DeviceModel> models) {
    public Catalog {
        models = Map.copyOf(models);
    }

    public static Catalog of(Collection<ObjectNode> models) {
        Map<String, DeviceModel> byName = new TreeMap<>();
        models.forEach(m -> {
            DeviceModel model = DeviceModel.of(m);
            byName.put(model.name(), model);
        });
        return new Catalog(byName);
    }
}
