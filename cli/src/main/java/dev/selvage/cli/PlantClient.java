package dev.selvage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.util.Optional;

/** The control door of the simulated plant. */
final class PlantClient {
    private final LoopbackClient http;

    PlantClient(int port) {
        this.http = new LoopbackClient(port, Optional.empty());
    }

    Optional<ObjectNode> state() {
        return http.get("/state");
    }

    String act(String path) {
        HttpResponse<String> answer = http.post(path)
                .orElseThrow(() -> new CommandFailed("the plant does not answer; ./selvage up starts it"));
        if (answer.statusCode() != 200) {
            throw new CommandFailed("the plant refuses: " + answer.body().strip());
        }
        return answer.body();
    }
}
