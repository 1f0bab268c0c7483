package dev.selvage.hub;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Pod;
import dev.selvage.store.Stored;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which objects each node needs: pods and devices that are bound to it, CronJobs whose schedule it keeps with the Jobs that it made of them, the ConfigMaps and
 * Secrets that its pods name, the models of its devices, and the streams over these models in their namespaces. A store of references into the watch cache, changed by {@link SliceFeed}, read by sessions.
 */
final class SliceIndex {
    /** In this order a slice is sent: what others need comes first. */
    static final List<Kind> KINDS = List.of(
            Kinds.DEVICE_MODEL,
            Kinds.CONFIG_MAP,
            Kinds.SECRET,
            Kinds.DEVICE,
            Kinds.STREAM,
            Kinds.CRON_JOB,
            Kinds.JOB,
            Kinds.POD);

    private final Map<ObjectKey, Stored> objects = new HashMap<>();
    private final Map<ObjectKey, Bound> pods = new HashMap<>();
    private final Map<ObjectKey, Bound> devices = new HashMap<>();
    private final Map<ObjectKey, Bound> schedules = new HashMap<>();
    private final Map<String, Set<ObjectKey>> podsOf = new HashMap<>();
    private final Map<String, Set<ObjectKey>> devicesOf = new HashMap<>();
    private final Map<String, Set<ObjectKey>> schedulesOf = new HashMap<>();
    private final Map<ObjectKey, Set<ObjectKey>> users = new HashMap<>();
    private final Map<String, Map<ObjectKey, String>> streams = new HashMap<>();

    /**
     * A pod, device, CronJob or Job on a node.
     *
     * @param needs ConfigMaps and Secrets of a pod or a CronJob's pods, the model of a device
     */
    private record Bound(String node, Set<ObjectKey> needs) {}

    /** Gives the nodes whose slice may differ now. */
    synchronized Set<String> put(Stored stored) {
        Set<String> affected = new HashSet<>();
        objects.put(stored.key(), stored);
        String resource = stored.key().resource();
        if (resource.equals(Kinds.POD.id())) {
            Pod pod = new Pod(stored.parse());
            bind(pods, podsOf, stored.key(), new Bound(pod.nodeName(), Set.copyOf(pod.references())), affected);
        } else if (resource.equals(Kinds.DEVICE.id())) {
            ObjectNode device = stored.parse();
            ObjectKey model = ObjectKey.cluster(Kinds.DEVICE_MODEL, Json.textAt(device, "spec", "model"));
            bind(
                    devices,
                    devicesOf,
                    stored.key(),
                    new Bound(Json.textAt(device, "spec", "nodeName"), Set.of(model)),
                    affected);
        } else if (schedules(resource)) {
            Bound bound = schedule(stored);
            bind(schedules, schedulesOf, stored.key(), bound, affected);
            if (bound.node().isEmpty()) {
                objects.remove(stored.key());
            }
        } else if (resource.equals(Kinds.STREAM.id())) {
            streams.computeIfAbsent(stored.key().namespace(), n -> new HashMap<>())
                    .put(stored.key(), Json.textAt(stored.parse(), "status", "plan", "model"));
            streamUsers(stored.key().namespace(), affected);
        } else {
            users(stored.key(), affected);
        }
        return affected;
    }

    synchronized Set<String> remove(ObjectKey key) {
        Set<String> affected = new HashSet<>();
        objects.remove(key);
        if (key.resource().equals(Kinds.POD.id())) {
            unbind(pods, podsOf, key, affected);
        } else if (key.resource().equals(Kinds.DEVICE.id())) {
            unbind(devices, devicesOf, key, affected);
        } else if (schedules(key.resource())) {
            unbind(schedules, schedulesOf, key, affected);
        } else if (key.resource().equals(Kinds.STREAM.id())) {
            Map<ObjectKey, String> here = streams.getOrDefault(key.namespace(), Map.of());
            here.remove(key);
            streamUsers(key.namespace(), affected);
        } else {
            users(key, affected);
        }
        return affected;
    }

    private static boolean schedules(String resource) {
        return resource.equals(Kinds.CRON_JOB.id()) || resource.equals(Kinds.JOB.id());
    }

    private static Bound schedule(Stored stored) {
        ObjectNode object = stored.parse();
        if (stored.key().resource().equals(Kinds.JOB.id())) {
            return new Bound(CronRuns.maker(object), Set.of());
        }
        String keeper = CronRuns.keeper(object);
        return new Bound(
                keeper,
                keeper.isEmpty() ? Set.of() : Set.copyOf(CronRuns.podOf(object).references()));
    }

    /** Keys of a kind, for a feed that lists anew. */
    synchronized Set<ObjectKey> keys(String resource) {
        Set<ObjectKey> keys = new HashSet<>();
        for (ObjectKey key : objects.keySet()) {
            if (key.resource().equals(resource)) {
                keys.add(key);
            }
        }
        return keys;
    }

    private void bind(
            Map<ObjectKey, Bound> bound,
            Map<String, Set<ObjectKey>> byNode,
            ObjectKey key,
            Bound next,
            Set<String> affected) {
        unbind(bound, byNode, key, affected);
        if (!next.node().isEmpty()) {
            bound.put(key, next);
            byNode.computeIfAbsent(next.node(), n -> new HashSet<>()).add(key);
            next.needs()
                    .forEach(need ->
                            users.computeIfAbsent(need, n -> new HashSet<>()).add(key));
            affected.add(next.node());
        }
    }

    private void unbind(
            Map<ObjectKey, Bound> bound, Map<String, Set<ObjectKey>> byNode, ObjectKey key, Set<String> affected) {
        Bound last = bound.remove(key);
        if (last != null) {
            drop(byNode, last.node(), key);
            last.needs().forEach(need -> drop(users, need, key));
            affected.add(last.node());
        }
    }

    private static <K> void drop(Map<K, Set<ObjectKey>> sets, K from, ObjectKey key) {
        Set<ObjectKey> set = sets.get(from);
        if (set != null && set.remove(key) && set.isEmpty()) {
            sets.remove(from);
        }
    }

    private void users(ObjectKey needed, Set<String> affected) {
        for (ObjectKey user : users.getOrDefault(needed, Set.of())) {
            Bound bound = user.resource().equals(Kinds.POD.id())
                    ? pods.get(user)
                    : schedules(user.resource()) ? schedules.get(user) : devices.get(user);
            if (bound != null) {
                affected.add(bound.node());
            }
        }
    }

    private void streamUsers(String namespace, Set<String> affected) {
        devices.forEach((key, bound) -> {
            if (key.namespace().equals(namespace)) {
                affected.add(bound.node());
            }
        });
    }

    /** The node's slice, in the order in which it is sent. */
    synchronized Map<ObjectKey, Stored> slice(String node) {
        Map<String, Map<ObjectKey, Stored>> byKind = new HashMap<>();
        for (ObjectKey key : podsOf.getOrDefault(node, Set.of())) {
            add(byKind, key, pods.get(key));
        }
        for (ObjectKey key : schedulesOf.getOrDefault(node, Set.of())) {
            add(byKind, key, schedules.get(key));
        }
        for (ObjectKey key : devicesOf.getOrDefault(node, Set.of())) {
            Bound device = devices.get(key);
            add(byKind, key, device);
            streams.getOrDefault(key.namespace(), Map.of()).forEach((stream, model) -> {
                if (device != null && device.needs().contains(ObjectKey.cluster(Kinds.DEVICE_MODEL, model))) {
                    add(byKind, stream, null);
                }
            });
        }
        Map<ObjectKey, Stored> slice = new LinkedHashMap<>();
        KINDS.forEach(kind -> slice.putAll(byKind.getOrDefault(kind.id(), Map.of())));
        return slice;
    }

    /** The namespaces that the node has a pod or a device in, and with the devices the streams over them. */
    synchronized Set<String> namespaces(String node) {
        Set<String> namespaces = new HashSet<>();
        podsOf.getOrDefault(node, Set.of()).forEach(key -> namespaces.add(key.namespace()));
        devicesOf.getOrDefault(node, Set.of()).forEach(key -> namespaces.add(key.namespace()));
        return namespaces;
    }

    private void add(
            Map<String, Map<ObjectKey, Stored>> byKind, ObjectKey key, @org.jspecify.annotations.Nullable Bound bound) {
        Stored stored = objects.get(key);
        if (stored != null) {
            byKind.computeIfAbsent(key.resource(), r -> new TreeMap<>()).put(key, stored);
        }
        if (bound != null) {
            bound.needs().forEach(need -> add(byKind, need, null));
        }
    }
}
