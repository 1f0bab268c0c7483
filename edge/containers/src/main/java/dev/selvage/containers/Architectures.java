package dev.selvage.containers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Architectures in Go's words. */
final class Architectures {
    private static final Map<String, String> INTERPRETERS =
            Map.of("arm64", "qemu-aarch64", "amd64", "qemu-x86_64", "arm", "qemu-arm", "riscv64", "qemu-riscv64");

    private Architectures() {}

    static boolean emulated(String architecture) {
        String interpreter = INTERPRETERS.get(architecture);
        if (architecture.equals("386")) {
            return true; // an amd64 kernel runs it
        }
        return interpreter != null && Files.exists(Path.of("/proc/sys/fs/binfmt_misc", interpreter));
    }
}
