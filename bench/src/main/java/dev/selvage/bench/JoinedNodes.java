package dev.selvage.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Further nodes of an installation on this machine, each an agent with a directory and ports of its own. */
final class JoinedNodes implements AutoCloseable {
    private final Installation installation;
    private final List<Path> homes = new ArrayList<>();

    private JoinedNodes(Installation installation) {
        this.installation = installation;
    }

    static JoinedNodes join(Context context, Installation installation, int count) throws IOException {
        JoinedNodes nodes = new JoinedNodes(installation);
        context.say("joining " + count + " nodes ...");
        try {
            for (int i = 0; i < count; i++) {
                nodes.join("edge-" + (i + 2));
            }
            return nodes;
        } catch (IOException | RuntimeException e) {
            nodes.close();
            throw e;
        }
    }

    int count() {
        return homes.size();
    }

    private void join(String name) throws IOException {
        Path home = installation.home().resolveSibling(name);
        String[] printed = installation
                .run(installation.home(), List.of("join", "--quiet"))
                .strip()
                .split(" ");
        List<String> line = new ArrayList<>(List.of(printed).subList(1, printed.length)); // without ./selvage
        line.addAll(List.of("--node-name", name, "--port-base", Integer.toString(Installation.freePorts())));
        homes.add(home);
        installation.run(home, line);
    }

    @Override
    public void close() throws IOException {
        for (Path home : homes) {
            installation.run(home, List.of("uninstall", "--yes"));
        }
    }
}
