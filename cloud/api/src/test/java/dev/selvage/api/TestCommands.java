package dev.selvage.api;

import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/** Runs commands as processes of this machine, in the place of a node. */
final class TestCommands implements PodCommands {
    final List<CommandOptions> started = new CopyOnWriteArrayList<>();
    final List<String> sizes = new CopyOnWriteArrayList<>();
    final Map<ObjectKey, Process> processes = new ConcurrentHashMap<>();

    @Override
    public void check(String node) throws NodeUnreachableException {
        if (node.equals("away")) {
            throw new NodeUnreachableException("node \"away\" is not linked to the centre");
        }
    }

    @Override
    public Running start(String node, ObjectKey pod, CommandOptions options) throws NodeUnreachableException {
        started.add(options);
        if (node.equals("deaf")) {
            throw new NodeUnreachableException("node \"deaf\" does not answer");
        }
        try {
            Process process = new ProcessBuilder(options.command()).start();
            processes.put(pod, process);
            return new Local(process, options.stdin());
        } catch (IOException e) {
            throw new NodeUnreachableException(String.valueOf(e.getMessage()));
        }
    }

    private final class Local implements Running {
        private final Process process;
        /** A few pieces: who does not take them holds the command back. */
        private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>(8);

        Local(Process process, boolean stdin) throws IOException {
            this.process = process;
            if (!stdin) {
                process.getOutputStream().close();
            }
            Thread out = pump(process.getInputStream(), false);
            Thread err = pump(process.getErrorStream(), true);
            Thread.ofVirtual().start(() -> {
                try {
                    out.join();
                    err.join();
                    events.put(new Event.Ended(process.waitFor()));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        private Thread pump(InputStream from, boolean stderr) {
            return Thread.ofVirtual().start(() -> {
                byte[] buffer = new byte[32 << 10];
                try {
                    for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                        events.put(new Event.Output(ByteBuffer.wrap(java.util.Arrays.copyOf(buffer, count)), stderr));
                    }
                } catch (IOException e) {
                    // It was ended.
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }

        @Override
        public Event next() throws IOException {
            try {
                return events.take();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void input(byte[] bytes) throws IOException {
            process.getOutputStream().write(bytes);
            process.getOutputStream().flush();
        }

        @Override
        public void endInput() throws IOException {
            process.getOutputStream().close();
        }

        @Override
        public void resize(int columns, int rows) {
            sizes.add(columns + "x" + rows);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
