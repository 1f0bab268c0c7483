package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What must hold of a Device and its DeviceModel beyond their schemas. Pure; {@code control} calls it from admission. That
 * a Stream and a Device agree on a property's authority is the Stream's rule and stands with it.
 */
public final class DeviceRules {
    private static final Duration MIN_INTERVAL = Duration.ofMillis(10);
    private static final Duration MAX_INTERVAL = Duration.ofHours(1);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration MIN_AFTER = Duration.ofMillis(100);
    private static final Duration MAX_AFTER = Duration.ofDays(30);
    /** Column names of stream SQL that a property must not hide, in lower case. */
    private static final Set<String> RESERVED = Set.of("device", "ts", "window_start", "window_end", "window_time");

    private DeviceRules() {}

    /** What is wrong with a DeviceModel; empty when it is right. */
    public static List<FieldError> checkModel(ObjectNode model) {
        List<FieldError> errors = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        JsonNode properties = Json.at(model, "spec", "properties");
        for (int i = 0; i < properties.size(); i++) {
            JsonNode property = properties.get(i);
            String path = "spec.properties[" + i + "]";
            String name = Json.textAt(property, "name");
            String folded = name.toLowerCase(java.util.Locale.ROOT);
            if (RESERVED.contains(folded)) {
                errors.add(new FieldError(
                        path + ".name", name, "a name that stream SQL does not use itself: " + RESERVED));
            } else if (!seen.add(folded)) {
                errors.add(new FieldError(path + ".name", name, "each name once (case does not tell names apart)"));
            }
            JsonNode range = property.path("range");
            if (range.path("min").asDouble(Double.NEGATIVE_INFINITY)
                    > range.path("max").asDouble(Double.POSITIVE_INFINITY)) {
                errors.add(new FieldError(path + ".range", range.toString(), "a range whose min is not above its max"));
            }
            String type = Json.textAt(property, "type");
            if (!range.isMissingNode() && (type.equals("boolean") || type.equals("string"))) {
                errors.add(new FieldError(path + ".range", range.toString(), "no range for the type " + type));
            }
        }
        return errors;
    }

    /** What is wrong with a Device of a model that exists; empty when it is right. */
    public static List<FieldError> check(ObjectNode device, ObjectNode model) {
        return new Check(device, DeviceModel.of(model)).run();
    }

    private static final class Check {
        private final JsonNode spec;
        private final DeviceModel model;
        private final List<FieldError> errors = new ArrayList<>();

        Check(ObjectNode device, DeviceModel model) {
            spec = device.path("spec");
            this.model = model;
        }

        List<FieldError> run() {
            duration(spec.path("interval"), "spec.interval", MIN_INTERVAL, MAX_INTERVAL);
            Optional<String> protocol = protocol(spec, "spec", Set.of("nodeSelector"));
            protocol.filter("modbusTcp"::equals)
                    .ifPresent(p ->
                            duration(Json.at(spec, p, "timeout"), "spec." + p + ".timeout", MIN_INTERVAL, MAX_TIMEOUT));
            Set<String> seen = new HashSet<>();
            JsonNode properties = spec.path("properties");
            for (int i = 0; i < properties.size(); i++) {
                property(properties.get(i), "spec.properties[" + i + "]", seen, protocol);
            }
            return errors;
        }

        /** The one protocol block among an object's fields. */
        private Optional<String> protocol(JsonNode node, String path, Set<String> others) {
            List<String> blocks = new ArrayList<>();
            node.properties().forEach(e -> {
                if (e.getValue().isObject() && !others.contains(e.getKey())) {
                    blocks.add(e.getKey());
                }
            });
            if (blocks.size() == 1 && Device.PROTOCOLS.contains(blocks.getFirst())) {
                return Optional.of(blocks.getFirst());
            }
            String found = blocks.isEmpty() ? "none" : String.join(" and ", blocks);
            errors.add(new FieldError(path, found, "exactly one protocol block, of " + Device.PROTOCOLS));
            return Optional.empty();
        }

        private void property(JsonNode property, String path, Set<String> seen, Optional<String> protocol) {
            String name = Json.textAt(property, "name");
            ModelProperty declared = model.properties().get(name);
            if (declared == null) {
                errors.add(new FieldError(
                        path + ".name",
                        name,
                        "a property of the DeviceModel " + model.name() + ": "
                                + String.join(", ", model.properties().keySet())));
                return;
            }
            if (!seen.add(name)) {
                errors.add(new FieldError(path + ".name", name, "each property once"));
            }
            protocol(property, path, Set.of("failSafe", "desired"))
                    .filter(p -> protocol.isEmpty() || p.equals(protocol.get()))
                    .ifPresent(p -> ModbusAddress.check(property.path(p), path + "." + p, declared, errors));
            writing(property, path, declared);
        }

        private void writing(JsonNode property, String path, ModelProperty declared) {
            for (String field : List.of("authority", "failSafe", "desired")) {
                boolean defaulted = field.equals("authority")
                        && Json.textAt(property, field).equals("centre");
                if (!declared.writable() && property.has(field) && !defaulted) {
                    errors.add(new FieldError(
                            path + "." + field,
                            shown(property.path(field)),
                            "nothing, because the DeviceModel makes " + declared.name() + " read-only"));
                    return;
                }
            }
            String text = property.path("authority").asText("centre");
            Optional<WriteAuthority> authority = WriteAuthority.parse(text);
            if (authority.isEmpty()) {
                errors.add(new FieldError(path + ".authority", text, WriteAuthority.ACCEPTED));
            }
            JsonNode failSafe = property.path("failSafe");
            if (failSafe.isObject()) {
                value(failSafe.path("value"), path + ".failSafe.value", declared);
                required(failSafe.path("after"), path + ".failSafe.after", MIN_AFTER, MAX_AFTER);
            }
            JsonNode desired = property.path("desired");
            if (desired.isObject()) {
                if (authority.isPresent() && !authority.get().equals(WriteAuthority.CENTRE)) {
                    errors.add(new FieldError(
                            path + ".desired",
                            shown(desired),
                            "nothing, because the authority of " + declared.name() + " is " + text));
                }
                value(desired.path("value"), path + ".desired.value", declared);
                if (Timestamps.parse(Json.textAt(desired, "validUntil")).isEmpty()) {
                    errors.add(new FieldError(
                            path + ".desired.validUntil",
                            shown(desired.path("validUntil")),
                            "a time such as 2026-11-21T10:00:00Z"));
                }
            }
        }

        private void value(JsonNode node, String path, ModelProperty declared) {
            Optional<Object> value = declared.type().value(node);
            if (value.isEmpty()) {
                errors.add(new FieldError(
                        path, shown(node), "a value of type " + declared.type().label()));
            } else if (!declared.possible(value.get())) {
                errors.add(new FieldError(path, shown(node), "within the DeviceModel's range, " + declared.range()));
            }
        }

        private void required(JsonNode node, String path, Duration least, Duration most) {
            if (node.isMissingNode()) {
                errors.add(new FieldError(path, "nothing", Durations.ACCEPTED));
            }
            duration(node, path, least, most);
        }

        private void duration(JsonNode node, String path, Duration least, Duration most) {
            if (node.isMissingNode()) {
                return;
            }
            Optional<Duration> given = Durations.parse(node.asText());
            if (given.isEmpty()
                    || given.get().compareTo(least) < 0
                    || given.get().compareTo(most) > 0) {
                errors.add(new FieldError(
                        path, shown(node), Durations.ACCEPTED + ", from " + words(least) + " to " + words(most)));
            }
        }

        private static String words(Duration duration) {
            long millis = duration.toMillis();
            if (millis % 86_400_000 == 0) {
                return millis / 86_400_000 + "d";
            }
            if (millis % 3_600_000 == 0) {
                return millis / 3_600_000 + "h";
            }
            return millis % 60_000 == 0 ? millis / 60_000 + "m" : millis + "ms";
        }

        private static String shown(JsonNode node) {
            return node.isMissingNode() ? "nothing" : node.isTextual() ? node.asText() : node.toString();
        }
    }
}
