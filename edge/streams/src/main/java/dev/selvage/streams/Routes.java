package dev.selvage.streams;

import dev.selvage.model.DeviceReading;
import dev.selvage.model.ObjectKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which runs a reading goes to: those of its namespace over its model. Immutable. */
final class Routes {
    private static final StreamRun[] NONE = {};

    private final Map<String, Map<String, StreamRun[]>> byNamespace = new HashMap<>();
    private final Map<ObjectKey, StreamRun> byKey = new HashMap<>();

    Routes(Collection<StreamRun> runs) {
        Map<String, Map<String, List<StreamRun>>> lists = new HashMap<>();
        for (StreamRun run : runs) {
            byKey.put(run.identity().key(), run);
            lists.computeIfAbsent(run.identity().namespace(), n -> new HashMap<>())
                    .computeIfAbsent(run.plan().model(), m -> new ArrayList<>())
                    .add(run);
        }
        lists.forEach((namespace, models) -> {
            Map<String, StreamRun[]> fixed = new HashMap<>();
            models.forEach((model, list) -> fixed.put(model, list.toArray(NONE)));
            byNamespace.put(namespace, fixed);
        });
    }

    StreamRun[] of(DeviceReading reading) {
        Map<String, StreamRun[]> models = byNamespace.get(reading.namespace());
        return models == null ? NONE : models.getOrDefault(reading.model(), NONE);
    }

    Optional<StreamRun> run(ObjectKey key) {
        return Optional.ofNullable(byKey.get(key));
    }
}
