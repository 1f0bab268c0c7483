package dev.selvage.agent;

import dev.selvage.session.CommandRequest;
import dev.selvage.session.CommandStreams;
import dev.selvage.session.LogRequest;
import dev.selvage.session.StreamHandler;
import dev.selvage.workloads.ExecEnd;
import dev.selvage.workloads.ExecRequest;
import dev.selvage.workloads.ExecStreams;
import dev.selvage.workloads.Pods;
import dev.selvage.workloads.TerminalSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Serves {@code kubectl logs} from the pods' files, and {@code kubectl exec} in their containers. */
record PodStreams(Supplier<Optional<Pods>> pods) implements StreamHandler {
    @Override
    public void logs(LogRequest request, OutputStream out) throws IOException {
        running().logs(translated(request), out);
    }

    @Override
    public int run(CommandRequest request, CommandStreams streams) throws IOException, InterruptedException {
        if (request.command().isEmpty()) {
            throw new IOException("command: found none, accepted is a program with its arguments");
        }
        ExecEnd end = running()
                .exec(
                        request.pod(),
                        request.uid(),
                        request.container(),
                        new ExecRequest(request.command(), request.tty(), request.stdin()),
                        new Streams(streams));
        return switch (end) {
            case ExecEnd.Exited(int code) -> code;
            case ExecEnd.NotPossible(String message) -> throw new IOException(message);
        };
    }

    private Pods running() throws IOException {
        return pods.get().orElseThrow(() -> new IOException("the node's pods are not running"));
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
                request.since().map(s -> OptionalLong.of(s.toMillis())).orElse(OptionalLong.empty()),
                request.limitBytes());
    }

    private record Streams(CommandStreams client) implements ExecStreams {
        @Override
        public InputStream stdin() {
            return client.stdin();
        }

        @Override
        public OutputStream stdout() {
            return client.stdout();
        }

        @Override
        public OutputStream stderr() {
            return client.stderr();
        }

        /** A size that is none, as the window of no height that some clients begin with, is passed over. */
        @Override
        public void onResize(Consumer<TerminalSize> listener) {
            client.onResize((columns, rows) -> {
                if (TerminalSize.possible(columns, rows)) {
                    listener.accept(new TerminalSize(columns, rows));
                }
            });
        }
    }
}
