package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.Meta;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** What the centre asks an administrator about nodes (kind NodeRequest): shown, approved, denied. */
final class Decide {
    private Decide() {}

    @Command(
            name = "approve",
            mixinStandardHelpOptions = true,
            description = {
                "Approves what the centre asks about a node: held deletions are sent to it, one that was away for too long may renew.",
                "Without a name, shows what is pending."
            })
    static final class Approve implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "NAME", arity = "0..1", description = "name of the request")
        private String name = "";

        @Override
        public Integer call() {
            return decide(homeOption.home(), name, State.APPROVED);
        }
    }

    @Command(
            name = "deny",
            mixinStandardHelpOptions = true,
            description = {
                "Denies what the centre asks about a node: held deletions stay held, its objects go on; one that was away stays out.",
                "Without a name, shows what is pending."
            })
    static final class Deny implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Parameters(paramLabel = "NAME", arity = "0..1", description = "name of the request")
        private String name = "";

        @Override
        public Integer call() {
            return decide(homeOption.home(), name, State.DENIED);
        }
    }

    private static int decide(Home home, String name, State state) {
        home.settings();
        try (ApiClient api = new ApiClient(home)) {
            if (name.isEmpty()) {
                print(System.out, api.list(Kinds.NODE_REQUEST), Instant.now());
                return 0;
            }
            ObjectNode object = api.get(Kinds.NODE_REQUEST, "", name)
                    .orElseThrow(() -> new CommandFailed("there is no node request \"" + name
                            + "\"; ./selvage approve without a name shows those that are pending"));
            NodeRequest request = NodeRequest.of(object);
            if (request.state() != state) {
                api.setState(object, state.toString());
            }
            System.out.println(told(name, request, state));
        }
        return 0;
    }

    private static String told(String name, NodeRequest request, State state) {
        if (request.type().equals(NodeRequest.RENEW_IDENTITY)) {
            return name
                    + (state == State.APPROVED
                            ? " approved: node " + request.nodeName() + " gets a new certificate when it asks next"
                            : " denied: node " + request.nodeName() + " stays unlinked; what it runs goes on");
        }
        String objects =
                request.objects().size() + " object" + (request.objects().size() == 1 ? "" : "s");
        return state == State.APPROVED
                ? name + " approved: node " + request.nodeName() + " deletes " + objects
                        + ", now or when it is linked again"
                : name + " denied: node " + request.nodeName() + " keeps " + objects;
    }

    static void print(PrintStream out, JsonNode items, Instant now) {
        List<String[]> rows = new ArrayList<>();
        rows.add(new String[] {"NAME", "NODE", "TYPE", "OBJECTS", "REASON", "AGE"});
        for (JsonNode item : items) {
            if (item instanceof ObjectNode object && NodeRequest.of(object).state() == State.PENDING) {
                NodeRequest request = NodeRequest.of(object);
                rows.add(new String[] {
                    Meta.name(object),
                    request.nodeName(),
                    request.type(),
                    Integer.toString(request.count()),
                    request.reason(),
                    age(Meta.creationTimestamp(object), now)
                });
            }
        }
        if (rows.size() == 1) {
            out.println("Nothing is pending.");
            return;
        }
        List<String> messages = new ArrayList<>();
        int[] widths = new int[rows.getFirst().length];
        rows.forEach(row -> {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        });
        for (JsonNode item : items) {
            String message = Json.textAt(item, "spec", "message");
            if (!message.isEmpty()
                    && item instanceof ObjectNode object
                    && NodeRequest.of(object).state() == State.PENDING) {
                messages.add(Meta.name(object) + ": " + message);
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).repeat(' ', widths[i] + 2 - row[i].length());
            }
            out.println(line.toString().stripTrailing());
        }
        messages.forEach(out::println);
    }

    private static String age(String created, Instant now) {
        try {
            return Status.age(Duration.between(Instant.parse(created), now));
        } catch (DateTimeParseException unknown) {
            return "";
        }
    }
}
