package dev.selvage.containers;

import java.util.List;

/** Tells a command that cannot be executed from a container that could not be made: runc says both in one sentence. */
final class StartErrors {
    /** Upstream's exit code of a container whose command could not be executed. */
    static final int CODE = 128;

    private static final int LONGEST = 1000;
    private static final List<String> CAUSES = List.of(
            "no such file or directory",
            "executable file not found",
            "permission denied",
            "exec format error",
            "is a directory",
            "not a directory");

    private StartErrors() {}

    /** {@code … unable to start container process: exec: "/bin/nope": stat /bin/nope: no such file or directory: unknown}. */
    static boolean isBadCommand(String message) {
        int exec = message.indexOf("exec: ");
        int user = message.indexOf("exec user process");
        int at = exec >= 0 ? exec : user;
        return at >= 0 && CAUSES.stream().anyMatch(cause -> message.indexOf(cause, at) >= 0);
    }

    static String shorten(String message) {
        String text = message.endsWith(": unknown") ? message.substring(0, message.length() - 9) : message;
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
