package dev.selvage.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/** The site's door of the node's loopback API; works without the centre. */
final class NodeClient {
    private final Home home;
    private final int port;

    NodeClient(Home home, int port) {
        this.home = home;
        this.port = port;
    }

    Optional<ObjectNode> status() {
        return new LoopbackClient(port, token()).get("/status");
    }

    /** An answer as it is, whatever its code. */
    String text(String path) {
        return new LoopbackClient(port, token())
                .text(path)
                .orElseThrow(() -> new CommandFailed("the agent does not answer on 127.0.0.1:" + port));
    }

    private Optional<String> token() {
        try {
            return Optional.of(
                    Files.readString(home.node().resolve("site.token")).strip());
        } catch (IOException none) {
            return Optional.empty();
        }
    }
}
