package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The centre's certificate authority: how it stands, and its rotation in two steps. */
@Command(
        name = "ca",
        mixinStandardHelpOptions = true,
        description = "Shows and rotates the centre's certificate authority (CA).",
        subcommands = {CaCommand.CaStatus.class, CaCommand.Rotate.class, CaCommand.Retire.class})
final class CaCommand implements Callable<Integer> {
    private static final String PATH = "/apis/identity.selvage.dev/v1alpha1/authorities";
    private static final int SHOWN = 50;

    @Override
    public Integer call() {
        throw new CommandFailed("ca: accepted are ca status, ca rotate, ca retire");
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Which CAs are trusted, and which nodes do not know the newest yet.")
    static final class CaStatus implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Option(names = "--json", description = "as JSON")
        private boolean json;

        @Override
        public Integer call() {
            try (ApiClient api = client(homeOption)) {
                ObjectNode status = api.getJson(PATH);
                if (json) {
                    System.out.println(Json.text(status));
                } else {
                    print(System.out, status);
                }
            }
            return 0;
        }
    }

    @Command(
            name = "rotate",
            mixinStandardHelpOptions = true,
            description = {
                "Creates the next CA. It is trusted beside the present one, which nodes that are away go on knowing;",
                "linked nodes learn of it at once. The rotation ends with: selvage ca retire"
            })
    static final class Rotate implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Override
        public Integer call() {
            try (ApiClient api = client(homeOption)) {
                ObjectNode answer = api.post(PATH + "/rotate");
                System.out.println(
                        "Created " + Json.textAt(answer, "newest")
                                + ". Both CAs are trusted until ./selvage ca retire; ./selvage ca status shows which nodes know it.");
            }
            return 0;
        }
    }

    @Command(
            name = "retire",
            mixinStandardHelpOptions = true,
            description = {
                "Ends the trust in the CA before the newest and destroys its key. Refused while nodes do not know the newest.",
                "Copies of the kubeconfig from before the rotation end with it; the installation's own is renewed."
            })
    static final class Retire implements Callable<Integer> {
        @Mixin
        private HomeOption homeOption = new HomeOption();

        @Option(names = "--lock-out", description = "also when nodes do not know the newest: they have to join anew")
        private boolean lockOut;

        @Override
        public Integer call() {
            try (ApiClient api = client(homeOption)) {
                ObjectNode answer = api.post(PATH + "/retire?lockOut=" + lockOut);
                System.out.println("Retired: only " + Json.textAt(answer, "newest") + " is trusted from now on.");
                if (!answer.path("lockedOut").isEmpty()) {
                    System.out.println("Locked out, to join anew: " + names(answer.path("lockedOut")));
                }
            }
            return 0;
        }
    }

    private static ApiClient client(HomeOption option) {
        Home home = option.home();
        home.settings();
        return new ApiClient(home);
    }

    static void print(PrintStream out, JsonNode status) {
        String newest = "";
        for (JsonNode each : status.path("authorities")) {
            newest = Json.textAt(each, "name");
            out.println(newest + "  " + state(each));
            out.println("    " + Json.textAt(each, "fingerprint"));
            out.println("    since " + Json.textAt(each, "since") + ", ends " + Json.textAt(each, "ends"));
        }
        int behind = status.path("behind").size();
        int nodes = status.path("nodes").asInt();
        out.println();
        out.println(
                behind == 0
                        ? "Every one of " + nodes + " nodes knows " + newest + "."
                        : behind + " of " + nodes + " nodes have not said that they know " + newest + ": "
                                + names(status.path("behind")));
    }

    private static String state(JsonNode each) {
        if (!each.path("trusted").asBoolean()) {
            return "retired " + Json.textAt(each, "retiredAt");
        }
        List<String> does = new ArrayList<>(List.of("trusted"));
        if (each.path("serving").asBoolean()) {
            does.add("issues the centre's certificates");
        }
        if (each.path("issuing").asBoolean()) {
            does.add("issues nodes' and administrators' certificates");
        }
        return String.join(", ", does);
    }

    private static String names(JsonNode nodes) {
        List<String> names = new ArrayList<>();
        nodes.forEach(node -> names.add(Json.textAt(node, "name")));
        return String.join(", ", names.subList(0, Math.min(SHOWN, names.size())))
                + (names.size() > SHOWN ? " and " + (names.size() - SHOWN) + " more" : "");
    }
}
