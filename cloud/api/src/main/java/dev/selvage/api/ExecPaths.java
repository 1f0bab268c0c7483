package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.store.Resources;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;

/**
 * pods/NAME/exec over WebSocket, with the subprotocols that kubectl 1.30 and later and fabric8 speak. What is known before the command begins is told as an answer of
 * HTTP, and to SPDY too: kubectl asks by it when the WebSocket was refused, and shows that answer.
 */
final class ExecPaths {
    private final Resources resources;
    private final PodCommands commands;
    private final Limits limits;
    private final WebSocketMappings sockets;
    private final ExecSession.Bounds bounds;

    ExecPaths(
            Resources resources,
            PodCommands commands,
            Limits limits,
            WebSocketMappings sockets,
            ExecSession.Bounds bounds) {
        this.resources = resources;
        this.commands = commands;
        this.limits = limits;
        this.sockets = sockets;
        this.bounds = bounds;
    }

    void answer(Exchange exchange, Target target) {
        if (!exchange.method().equals("GET") && !exchange.method().equals("POST")) {
            throw ApiFailure.methodNotAllowed();
        }
        ObjectNode pod = resources
                .get(target.key())
                .orElseThrow(() -> ApiFailure.notFound(target))
                .parse();
        CommandOptions options = options(exchange, Logs.container(exchange, pod));
        String node = Json.textAt(pod, "spec", "nodeName");
        if (node.isEmpty()) {
            throw ApiFailure.badRequest("pod " + target.name() + " does not have a host assigned");
        }
        try {
            commands.check(node);
        } catch (NodeUnreachableException e) {
            throw ApiFailure.unavailable(String.valueOf(e.getMessage()));
        }
        ExecProtocol protocol = protocol(exchange);
        FairLimit.Permit seat = limits.command(exchange.flow());
        var session =
                new ExecSession(commands, new ExecSession.Order(node, target.key(), options, protocol), bounds, end -> {
                    seat.close();
                    Audit.ended(exchange.caller(), target, end);
                });
        if (!exchange.upgrade(session.socket(), protocol.label(), sockets)) {
            seat.close();
            throw ApiFailure.badRequest("this is no WebSocket handshake (RFC 6455 section 4.2.1)");
        }
        Audit.write(exchange.caller(), "create", target, false, 101);
    }

    private static ExecProtocol protocol(Exchange exchange) {
        if (!exchange.header("Upgrade").equalsIgnoreCase("websocket")) {
            String found = exchange.header("Upgrade");
            throw ApiFailure.badRequest("exec is served over WebSocket only, by kubectl 1.30 and later: found "
                    + (found.isEmpty() ? "no upgrade" : "the upgrade to " + found)
                    + ", accepted is websocket with the subprotocol " + ExecProtocol.NAMES);
        }
        List<String> offered = Arrays.stream(
                        exchange.header("Sec-WebSocket-Protocol").split(","))
                .map(String::strip)
                .toList();
        Optional<ExecProtocol> known = ExecProtocol.best(offered);
        return known.orElseThrow(() -> ApiFailure.badRequest(
                "Sec-WebSocket-Protocol: found " + offered + ", accepted are " + ExecProtocol.NAMES));
    }

    private static CommandOptions options(Exchange exchange, String container) {
        List<String> command = exchange.parameters("command");
        if (command.isEmpty()) {
            throw ApiFailure.badRequest("command: found none, accepted is a program with its arguments");
        }
        boolean tty = exchange.flag("tty");
        boolean stdin = exchange.flag("stdin");
        boolean stdout = exchange.flag("stdout");
        boolean stderr = exchange.flag("stderr");
        if (!stdin && !stdout && !stderr) {
            throw ApiFailure.badRequest("you must specify at least 1 of stdin, stdout, stderr");
        }
        return new CommandOptions(container, command, tty, stdin, stdout, stderr && !tty);
    }
}
