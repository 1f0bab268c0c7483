package dev.selvage.sim.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The smallest useful root file system: Debian's busybox-static under the names of its programs. */
public final class RootFileSystem {
    private static final List<String> PROGRAMS = List.of(
            "sh",
            "sleep",
            "echo",
            "cat",
            "ls",
            "id",
            "true",
            "false",
            "test",
            "touch",
            "mkdir",
            "dd",
            "wget",
            "nc",
            "httpd",
            "hostname",
            "date",
            "kill",
            "head",
            "tail",
            "grep",
            "sync",
            "yes",
            "ps",
            "env",
            "sed",
            "seq",
            "rm",
            "ip",
            "sysctl",
            "mount",
            "chown",
            "stty",
            "tr",
            "wc");

    private RootFileSystem() {}

    /** A tar archive of it. */
    public static Path busybox(Path directory) throws IOException, InterruptedException {
        return busybox(directory, Path.of("/dev/null"));
    }

    /** Whether a 64-bit little-endian ELF has a segment of type PT_INTERP: libraries that the image would lack. */
    private static boolean needsInterpreter(byte[] program) {
        ByteBuffer elf = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int table = (int) elf.getLong(32);
        for (int i = 0; i < elf.getShort(56); i++) {
            if (elf.getInt(table + i * elf.getShort(54)) == 3) {
                return true;
            }
        }
        return false;
    }

    /** @param marker a file whose content makes the archive another than others */
    public static Path busybox(Path directory, Path marker) throws IOException, InterruptedException {
        Path root = directory.resolve("busybox-root");
        Path bin = Files.createDirectories(root.resolve("bin"));
        Path program = Path.of(Programs.find("busybox", "busybox-static"));
        if (needsInterpreter(Files.readAllBytes(program))) {
            throw new IOException(program + " is not static: apt-get install busybox-static");
        }
        Files.copy(program, bin.resolve("busybox"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        for (String name : PROGRAMS) {
            Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
        }
        for (String empty : List.of("tmp", "etc", "proc", "dev", "sys", "var", "run")) {
            Files.createDirectories(root.resolve(empty));
        }
        Programs.run("chmod", "1777", root.resolve("tmp").toString());
        Files.writeString(
                root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n");
        Files.write(root.resolve("etc/marker"), Files.readAllBytes(marker));
        Path tar = directory.resolve("busybox.tar");
        Programs.run("tar", "--owner=0", "--group=0", "-C", root.toString(), "-cf", tar.toString(), ".");
        return tar;
    }
}
