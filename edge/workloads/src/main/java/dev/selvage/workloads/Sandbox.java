package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command lines that make a container out of a {@link RunSpec}. As root, bubblewrap builds the namespaces with real
 * privileges (no user namespace is needed) and keeps three capabilities just long enough for setpriv to become the
 * container's user; without root, a user namespace shows our own user as the container's.
 */
final class Sandbox {
    /** Private, in memory, charged to the container: /tmp, /run, /dev/shm each. */
    private static final long SCRATCH_BYTES = 64L << 20;

    /**
     * Runs detached. The first write names the monitor and refuses to write twice, so that a run is started once even
     * when two agents try. Arguments: status identity arguments bwrap number-of-joins joins... command...
     */
    private static final String LAUNCH = """
            umask 022
            status=$1 identity=$2 arguments=$3 bwrap=$4 joins=$5
            shift 5
            read -r boot </proc/sys/kernel/random/boot_id
            read -r stat </proc/$$/stat
            set -C
            printf '%s\\n%s\\n' "$boot" "$stat" 2>/dev/null >"$identity" || exit 125
            set +C
            printf '%s\\n%s\\n' "$boot" "$stat" 2>/dev/null >"$identity.copy"
            while [ "$joins" -gt 0 ]; do
              echo $$ >"$1" || exit 125
              shift
              joins=$((joins - 1))
            done
            echo 500 2>/dev/null >/proc/$$/oom_score_adj
            exec 9>>"$status" 8<"$arguments"
            exec "$bwrap" --json-status-fd 9 --args 8 -- "$@"
            """;

    private static final String JOIN = """
            joins=$1
            shift
            while [ "$joins" -gt 0 ]; do
              echo $$ >"$1" || exit 125
              shift
              joins=$((joins - 1))
            done
            exec "$@"
            """;

    /** The first argument is the terminal. */
    private static final String ON_TERMINAL = """
            exec <>"$1" >&0 2>&0
            shift
            """ + JOIN;

    private final Tools tools;
    private final Path scratch;

    Sandbox(Tools tools, Path scratch) {
        this.tools = tools;
        this.scratch = scratch;
    }

    /** What bubblewrap reads from its arguments file: everything but the command. */
    byte[] arguments(RunSpec spec, RootImage image, Path accounts) throws IOException {
        List<String> args =
                new ArrayList<>(List.of("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--new-session"));
        args.addAll(List.of("--hostname", spec.hostname()));
        if (!tools.root()) {
            args.addAll(List.of(
                    "--unshare-user",
                    "--uid",
                    text(spec.user().uid()),
                    "--gid",
                    text(spec.user().gid())));
        }
        args.addAll(List.of("--perms", "0755", "--size", text(16 << 20), "--tmpfs", "/"));
        args.addAll(image.mounts(accounts));
        args.addAll(List.of("--proc", "/proc"));
        args.addAll(tools.root() ? List.of("--dev", "/dev") : devices());
        for (String path : List.of("/tmp", "/run", "/dev/shm")) {
            args.addAll(List.of("--perms", "1777", "--size", text(SCRATCH_BYTES), "--tmpfs", path));
        }
        if (image instanceof RootImage.Directory) {
            makeParents(args, Tools.INSIDE + "/x");
            for (Path file : helperFiles()) {
                args.addAll(List.of("--ro-bind", file.toRealPath().toString(), inside(file)));
            }
        }
        for (RunSpec.Mount mount : spec.mounts()) {
            makeParents(args, mount.target());
            args.addAll(List.of(
                    mount.readOnly() ? "--ro-bind" : "--bind", mount.source().toString(), mount.target()));
        }
        args.addAll(List.of("--remount-ro", "/", "--chdir", spec.workingDir().isEmpty() ? "/" : spec.workingDir()));
        args.add("--clearenv");
        Map<String, String> environment =
                tools.root() ? RunEnvironment.split(spec.environment()).carried() : spec.environment();
        environment.forEach((name, value) -> args.addAll(List.of("--setenv", name, value)));
        args.addAll(List.of("--cap-drop", "ALL"));
        if (tools.root()) {
            for (String capability : List.of("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")) {
                args.addAll(List.of("--cap-add", capability));
            }
        }
        return (String.join("\0", args) + "\0").getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /** Starts the container and returns; see {@link #LAUNCH}. */
    List<String> launch(RunSpec spec, RootImage image, RunFiles files, Path arguments, List<Path> joins)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                tools.setsid().toString(),
                "--fork",
                tools.shell().toString(),
                "-c",
                LAUNCH,
                "selvage-run",
                files.status().toString(),
                files.identity().toString(),
                arguments.toString(),
                tools.bwrap().toString(),
                text(joins.size())));
        joins.forEach(j -> command.add(j.toString()));
        if (tools.root()) {
            command.addAll(asUser(spec.user(), image));
            command.addAll(late(spec.environment(), image));
        }
        command.addAll(spec.command());
        command.addAll(spec.args());
        return command;
    }

    /** Enters a running container with a further command. */
    List<String> exec(
            RunSpec.User user,
            RootImage image,
            Map<String, String> environment,
            long pid,
            List<Path> joins,
            List<String> command)
            throws IOException {
        List<String> line = new ArrayList<>(List.of(tools.shell().toString(), "-c", JOIN, "selvage-exec"));
        line.addAll(enter(pid, joins));
        line.addAll(inside(user, image, environment, command));
        return line;
    }

    /** As {@link #exec}, as a session of its own, which is what it is ended by; on a terminal that is its controlling one. */
    List<String> interact(
            RunSpec.User user,
            RootImage image,
            Map<String, String> environment,
            long pid,
            List<Path> joins,
            List<String> command,
            Optional<Path> terminal)
            throws IOException {
        List<String> line = new ArrayList<>(
                List.of(tools.shell().toString(), "-c", terminal.isPresent() ? ON_TERMINAL : JOIN, "selvage-exec"));
        terminal.ifPresent(t -> line.add(t.toString()));
        List<String> enter = enter(pid, joins);
        if (terminal.isPresent()) { // an agent that was started in the background ignores Ctrl-C, and hands that down
            enter.addAll(1 + joins.size(), List.of(tools.env().toString(), "--default-signal=INT,QUIT,HUP,TERM"));
        }
        line.addAll(enter);
        line.addAll(helper(tools.setsid(), image));
        if (terminal.isPresent()) {
            line.add("--ctty");
        }
        line.addAll(inside(user, image, environment, command));
        return line;
    }

    private List<String> enter(long pid, List<Path> joins) {
        List<String> line = new ArrayList<>(List.of(text(joins.size())));
        joins.forEach(j -> line.add(j.toString()));
        line.addAll(List.of(tools.nsenter().toString(), "-t", text(pid)));
        line.addAll(tools.root() ? List.of() : List.of("-U", "--preserve-credentials"));
        line.addAll(List.of("-m", "-u", "-i", "-p", "-r", "-w", "--"));
        return line;
    }

    private List<String> inside(
            RunSpec.User user, RootImage image, Map<String, String> environment, List<String> command)
            throws IOException {
        List<String> line = new ArrayList<>(tools.root() ? asUser(user, image) : List.of());
        line.addAll(late(environment, image));
        line.addAll(command);
        return line;
    }

    /** Where the container's terminals are: its own, or without root the host's. */
    Path terminals(long pid) {
        return tools.root() ? Path.of("/proc/" + pid + "/root/dev/pts") : Path.of("/dev/pts");
    }

    /** Whether a process is still on its way to the container's command. */
    boolean underway(String commandLine, String processName) {
        return processName.equals("bwrap") || commandLine.contains("\0--no-new-privs\0--\0");
    }

    private List<String> asUser(RunSpec.User user, RootImage image) throws IOException {
        List<String> line = new ArrayList<>(helper(tools.setpriv(), image));
        line.addAll(List.of("--reuid=" + user.uid(), "--regid=" + user.gid()));
        line.add(
                user.groups().isEmpty()
                        ? "--clear-groups"
                        : "--groups="
                                + String.join(
                                        ",",
                                        user.groups().stream()
                                                .map(Sandbox::text)
                                                .toList()));
        line.addAll(List.of("--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"));
        return line;
    }

    private List<String> late(Map<String, String> environment, RootImage image) throws IOException {
        Map<String, String> late = RunEnvironment.split(environment).late();
        if (late.isEmpty()) {
            return List.of();
        }
        List<String> line = new ArrayList<>(helper(tools.env(), image));
        late.forEach((name, value) -> line.add(name + "=" + value));
        return line;
    }

    private List<String> helper(Path program, RootImage image) throws IOException {
        if (image instanceof RootImage.Host) {
            return List.of(program.toString());
        }
        return List.of(inside(helperFiles().getFirst()), "--library-path", Tools.INSIDE, inside(program));
    }

    private List<Path> helperFiles() throws IOException {
        List<Path> files = new ArrayList<>(tools.libraries(scratch));
        files.add(tools.setpriv());
        files.add(tools.env());
        files.add(tools.setsid());
        return files;
    }

    /** Left to itself, bubblewrap makes the directories above a mount for root alone. */
    private static void makeParents(List<String> args, String target) {
        for (int slash = target.indexOf('/', 1); slash > 0; slash = target.indexOf('/', slash + 1)) {
            args.addAll(List.of("--perms", "0755", "--dir", target.substring(0, slash)));
        }
    }

    /**
     * /dev without /dev/pts: to mount that without root, bubblewrap nests a second user namespace, and nobody could enter
     * the container any more (setns(2) wants privileges over the outer one).
     */
    private static List<String> devices() {
        List<String> args = new ArrayList<>(List.of("--perms", "0755", "--size", text(1 << 20), "--tmpfs", "/dev"));
        for (String name : List.of("null", "zero", "full", "random", "urandom", "tty")) {
            args.addAll(List.of("--dev-bind-try", "/dev/" + name, "/dev/" + name));
        }
        args.addAll(List.of("--symlink", "/proc/self/fd", "/dev/fd"));
        List<String> streams = List.of("stdin", "stdout", "stderr");
        for (int fd = 0; fd < streams.size(); fd++) {
            args.addAll(List.of("--symlink", "/proc/self/fd/" + fd, "/dev/" + streams.get(fd)));
        }
        return args;
    }

    private static String inside(Path file) {
        return Tools.INSIDE + "/" + file.getFileName();
    }

    private static String text(long number) {
        return Long.toString(number);
    }
}
