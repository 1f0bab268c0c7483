package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A process of its own that hosts pods, to be killed: arguments are the home and a file with a JSON list of pods. */
final class PodsHost {
    private PodsHost() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        List<ObjectNode> pods = new ArrayList<>();
        Json.parseObject(Files.readAllBytes(Path.of(args[1]))).path("items").forEach(p -> pods.add((ObjectNode) p));
        ProcessRuntime runtime = ProcessRuntime.open(ProcessConfig.of(home.resolve("process")));
        System.out.println("limits " + runtime.features().limitsNotEnforced().orElse("enforced"));
        Pods hosted = new Pods(
                PodsConfig.of(home.resolve("pods"), "node-1", "127.0.0.1"),
                List.of(runtime),
                key -> Optional.empty(),
                new PodListener() {
                    @Override
                    public void status(ObjectKey key, String uid, ObjectNode status) {
                        System.out.println("status " + uid + " " + Json.text(status));
                    }

                    @Override
                    public void gone(ObjectKey key, String uid) {
                        System.out.println("gone " + uid);
                    }

                    @Override
                    public void event(ObjectKey key, String uid, String type, String reason, String message) {}
                });
        hosted.desired(pods);
        while (System.in.read() >= 0) {
            hosted.desired(List.of()); // a byte on standard input ends all pods
        }
        hosted.close();
        runtime.close();
    }
}
