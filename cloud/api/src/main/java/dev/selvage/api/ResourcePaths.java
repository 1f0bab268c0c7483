package dev.selvage.api;

import dev.selvage.store.StoreUnavailableException;
import java.io.IOException;
import java.util.Set;

/** Sends a request for a resource to its verb. */
final class ResourcePaths {
    private static final Set<String> CONNECTS = Set.of("exec", "attach", "portforward");

    private final Reads reads;
    private final Watches watches;
    private final Writes writes;
    private final Patches patches;
    private final Deletes deletes;
    private final Logs logs;
    private final Scales scales;
    private final ExecPaths commands;

    ResourcePaths(
            Reads reads,
            Watches watches,
            Writes writes,
            Patches patches,
            Deletes deletes,
            Logs logs,
            Scales scales,
            ExecPaths commands) {
        this.reads = reads;
        this.watches = watches;
        this.writes = writes;
        this.patches = patches;
        this.deletes = deletes;
        this.logs = logs;
        this.scales = scales;
        this.commands = commands;
    }

    void answer(Exchange exchange, Target target) throws IOException {
        Caller caller = exchange.caller();
        if (caller.isAnonymous()) {
            throw ApiFailure.unauthorized();
        }
        try {
            authorised(exchange, target);
        } catch (RuntimeException refused) {
            audit(exchange, target, refused);
            throw refused;
        }
    }

    private void authorised(Exchange exchange, Target target) throws IOException {
        Caller caller = exchange.caller();
        if (!caller.admin()) {
            throw ApiFailure.forbidden(
                    target,
                    "User \"" + caller.user() + "\" cannot " + verb(exchange, target)
                            + " resource \"" + target.kind().plural()
                            + (target.subresource().isEmpty() ? "" : "/" + target.subresource())
                            + "\" in API group \""
                            + target.kind().group() + "\""
                            + (target.namespace().isEmpty()
                                    ? " at the cluster scope"
                                    : " in the namespace \"" + target.namespace() + "\""));
        }
        dispatch(exchange, target);
    }

    /** A write that is refused stands in the audit log like one that is done. */
    private static void audit(Exchange exchange, Target target, RuntimeException refused) {
        if (exchange.method().equals("GET") && !verb(exchange, target).equals("create")) {
            return;
        }
        int code = switch (refused) {
            case ApiFailure failure -> failure.code();
            case StoreUnavailableException _ -> 503;
            default -> 500;
        };
        boolean dryRun = exchange.parameter("dryRun").equals("All");
        Audit.write(exchange.caller(), verb(exchange, target), target, dryRun, code);
    }

    private void dispatch(Exchange exchange, Target target) throws IOException {
        switch (target.subresource()) {
            case "" -> {
                if (target.name().isEmpty()) {
                    collection(exchange, target);
                } else {
                    object(exchange, target);
                }
            }
            case "status" -> {
                if (!target.kind().status()) {
                    throw ApiFailure.noSuchPath();
                }
                status(exchange, target);
            }
            case "scale" -> scales.answer(exchange, target);
            case "log" -> only("GET", "pods", exchange, target, () -> logs.get(exchange, target));
            case "exec" -> onPod(target, () -> commands.answer(exchange, target));
            case "attach" ->
                onPod(target, () -> refuse("attach is not served; kubectl logs -f shows what a container writes"));
            case "portforward" ->
                onPod(target, () -> refuse("port-forward is not served; reach the pod at its node's address"));
            case "binding" -> only("POST", "pods", exchange, target, () -> writes.bind(exchange, target));
            default -> throw ApiFailure.noSuchPath();
        }
    }

    private interface Verb {
        void run() throws IOException;
    }

    private static void only(String method, String resource, Exchange exchange, Target target, Verb verb)
            throws IOException {
        if (!target.kind().id().equals(resource)) {
            throw ApiFailure.noSuchPath();
        }
        if (!exchange.method().equals(method)) {
            throw ApiFailure.methodNotAllowed();
        }
        verb.run();
    }

    private static void onPod(Target target, Verb verb) throws IOException {
        if (!target.kind().id().equals("pods")) {
            throw ApiFailure.noSuchPath();
        }
        verb.run();
    }

    private static void refuse(String why) {
        throw ApiFailure.badRequest(why);
    }

    private void collection(Exchange exchange, Target target) throws IOException {
        switch (exchange.method()) {
            case "GET" -> {
                if (exchange.flag("watch")) {
                    watches.watch(exchange, target);
                } else {
                    reads.list(exchange, target);
                }
            }
            case "POST" -> {
                if (target.kind().namespaced() && target.namespace().isEmpty()) {
                    throw ApiFailure.methodNotAllowed();
                }
                writes.create(exchange, target);
            }
            case "DELETE" -> deletes.collection(exchange, target);
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    private void object(Exchange exchange, Target target) throws IOException {
        switch (exchange.method()) {
            case "GET" -> {
                if (exchange.flag("watch")) {
                    watches.watch(exchange, target);
                } else {
                    reads.get(exchange, target);
                }
            }
            case "PUT" -> writes.update(exchange, target);
            case "PATCH" -> patches.patch(exchange, target);
            case "DELETE" -> deletes.delete(exchange, target);
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    private void status(Exchange exchange, Target target) {
        switch (exchange.method()) {
            case "GET" -> reads.get(exchange, target);
            case "PUT" -> writes.update(exchange, target);
            case "PATCH" -> patches.patch(exchange, target);
            default -> throw ApiFailure.methodNotAllowed();
        }
    }

    /** What connects to a pod is a create however the handshake looks, as upstream's RBAC has it. */
    static String verb(Exchange exchange, Target target) {
        if (CONNECTS.contains(target.subresource())) {
            return "create";
        }
        boolean collection = target.name().isEmpty();
        return switch (exchange.method()) {
            case "GET" -> exchange.parameter("watch").equals("true") ? "watch" : collection ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> collection ? "deletecollection" : "delete";
            default -> "use";
        };
    }
}
