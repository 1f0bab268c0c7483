package dev.selvage.api;

import dev.selvage.store.StoreUnavailableException;
import java.io.IOException;

/** Sends a request for a resource to its verb. */
final class ResourcePaths {
    private final Reads reads;
    private final Watches watches;
    private final Writes writes;
    private final Patches patches;
    private final Deletes deletes;
    private final Logs logs;
    private final Scales scales;

    ResourcePaths(
            Reads reads, Watches watches, Writes writes, Patches patches, Deletes deletes, Logs logs, Scales scales) {
        this.reads = reads;
        this.watches = watches;
        this.writes = writes;
        this.patches = patches;
        this.deletes = deletes;
        this.logs = logs;
        this.scales = scales;
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
                            + " resource \"" + target.kind().plural() + "\" in API group \""
                            + target.kind().group() + "\""
                            + (target.namespace().isEmpty()
                                    ? " at the cluster scope"
                                    : " in the namespace \"" + target.namespace() + "\""));
        }
        dispatch(exchange, target);
    }

    /** A write that is refused stands in the audit log like one that is done. */
    private static void audit(Exchange exchange, Target target, RuntimeException refused) {
        if (exchange.method().equals("GET")) {
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

    static String verb(Exchange exchange, Target target) {
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
