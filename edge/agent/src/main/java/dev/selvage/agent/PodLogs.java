package dev.selvage.agent;

import dev.selvage.session.LogRequest;
import dev.selvage.workloads.Pods;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Serves {@code kubectl logs} from the pods' files. */
record PodLogs(Supplier<Optional<Pods>> pods) {
    void logs(LogRequest request, OutputStream out) throws IOException {
        pods.get()
                .orElseThrow(() -> new IOException("the node's pods are not running"))
                .logs(translated(request), out);
    }

    private static dev.selvage.workloads.LogRequest translated(LogRequest request) {
        return new dev.selvage.workloads.LogRequest(
                request.pod().namespace(),
                request.pod().name(),
                request.uid(),
                request.container(),
                request.previous(),
                request.follow(),
                request.timestamps(),
                request.tailLines(),
                request.since()
                        .map(s -> OptionalLong.of(Math.max(1, s.toSeconds())))
                        .orElse(OptionalLong.empty()),
                request.limitBytes());
    }
}
