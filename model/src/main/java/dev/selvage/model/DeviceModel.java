package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Typed view of a DeviceModel: what devices of a type measure and do. */
public record DeviceModel(String name, Map<String, ModelProperty> properties) {

    /** Reads an object that admission has accepted; absent fields take their defaults. */
    public static DeviceModel of(JsonNode model) {
        Map<String, ModelProperty> properties = new LinkedHashMap<>();
        for (JsonNode property : Json.at(model, "spec", "properties")) {
            ModelProperty p = ModelProperty.of(property);
            properties.put(p.name(), p);
        }
        return new DeviceModel(Meta.name(model), properties);
    }

    public Optional<ModelProperty> property(String name) {
        return Optional.ofNullable(properties.get(name));
    }
}
