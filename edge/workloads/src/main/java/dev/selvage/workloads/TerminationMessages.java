package dev.selvage.workloads;

import dev.selvage.model.Json;
import dev.selvage.model.PodContainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * What the containers of a pod say at their end: each run finds a file at its terminationMessagePath, or its output tells
 * where the policy says so (core/v1 Container; kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure).
 */
final class TerminationMessages {
    static final String DEFAULT_PATH = "/dev/termination-log";

    private static final System.Logger LOG = System.getLogger(TerminationMessages.class.getName());

    /** Bytes from the end of one message, and of all of a pod's together (kubelet: MaxContainerTerminationMessageLength). */
    private static final int MOST = 4096;

    private static final int MOST_OF_POD = 12 << 10;
    private static final int MOST_OF_LOG = 2048;
    private static final int LINES_OF_LOG = 80;
    /** A file that is larger is cut at the next look: nobody may fill the disk by it. */
    private static final long LARGEST_FILE = 1 << 20;

    private final Path directory;

    TerminationMessages(Path directory) {
        this.directory = directory;
    }

    /** Makes the run's file and shows it to the container; the file of the run before the last one goes. */
    RunSpec.Mount mount(RunId run, PodContainer container) throws IOException {
        Files.createDirectories(directory);
        Path file = file(run);
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        ProjectedDirectory.mode(file, 0666); // whatever user the container has
        OwnFiles.deleteQuietly(file(new RunId(run.podUid(), run.container(), run.attempt() - 2)));
        String path = Json.textAt(container.node(), "terminationMessagePath");
        return new RunSpec.Mount(file, path.isEmpty() ? DEFAULT_PATH : path, false);
    }

    /** How a run ended, with what it has said of it. */
    Observation.Exited told(
            PodRuntime runtime, RunId run, PodContainer container, int containers, Observation.Exited exited) {
        int most = Math.min(MOST, MOST_OF_POD / Math.max(1, containers));
        String said = "";
        try {
            said = end(file(run), most);
            boolean fallBack = exited.exitCode() != 0
                    && Json.textAt(container.node(), "terminationMessagePolicy").equals("FallbackToLogsOnError")
                    && !exited.reason().equals("StartError"); // what did not start has said nothing
            if (said.isEmpty() && fallBack) {
                said = output(runtime, run, Math.min(most, MOST_OF_LOG));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the termination message of " + run + " cannot be read: " + e);
        }
        if (said.isEmpty()) {
            return exited;
        }
        String message = exited.message().isEmpty() ? said : exited.message() + ": " + said;
        return new Observation.Exited(
                exited.exitCode(), exited.reason(), message, exited.startedAt(), exited.finishedAt());
    }

    private static String end(Path file, int most) throws IOException {
        if (!Files.exists(file)) {
            return ""; // the run is older than this kind of file
        }
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, open.length() - most);
            byte[] bytes = new byte[(int) (open.length() - from)];
            open.seek(from);
            open.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private static String output(PodRuntime runtime, RunId run, int most) throws IOException {
        End end = new End(most);
        runtime.logs(
                run,
                new LogRequest(
                        "",
                        "",
                        run.podUid(),
                        run.container(),
                        false,
                        false,
                        false,
                        OptionalLong.of(LINES_OF_LOG),
                        OptionalLong.empty(),
                        OptionalLong.empty()),
                end);
        return end.text();
    }

    /** Cuts files that have grown beyond any message. */
    void trim() {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (Files.size(file) > LARGEST_FILE) {
                    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                        channel.truncate(MOST);
                    }
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "termination messages in " + directory + " cannot be cut: " + e);
        }
    }

    private Path file(RunId run) {
        return directory.resolve(run.container() + "." + run.attempt());
    }

    /** Keeps the last bytes of what is written. */
    private static final class End extends ByteArrayOutputStream {
        private final int most;

        End(int most) {
            this.most = most;
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            int from = Math.max(0, length - most);
            super.write(bytes, offset + from, length - from);
            cut();
        }

        @Override
        public synchronized void write(int b) {
            super.write(b);
            cut();
        }

        private void cut() {
            if (count > 2 * most) {
                System.arraycopy(buf, count - most, buf, 0, most);
                count = most;
            }
        }

        synchronized String text() {
            int from = Math.max(0, count - most);
            return new String(buf, from, count - from, StandardCharsets.UTF_8);
        }
    }
}
