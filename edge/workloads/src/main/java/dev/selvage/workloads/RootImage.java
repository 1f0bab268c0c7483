package dev.selvage.workloads;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a process pod's {@code image} names: the host's /usr, or the root file system in a directory. Always read-only. */
sealed interface RootImage {
    /** {@code host}: /usr and the part of /etc that programs need to run, name users, resolve names and check TLS. */
    record Host() implements RootImage {}

    /** {@code host:/dir}. */
    record Directory(Path path) implements RootImage {}

    /** Of the host's /etc; everything else there stays unseen. */
    List<String> HOST_ETC = List.of(
            "/etc/hosts",
            "/etc/resolv.conf",
            "/etc/nsswitch.conf",
            "/etc/host.conf",
            "/etc/gai.conf",
            "/etc/services",
            "/etc/protocols",
            "/etc/localtime",
            "/etc/timezone",
            "/etc/mime.types",
            "/etc/ld.so.cache",
            "/etc/alternatives",
            "/etc/ssl/certs",
            "/etc/ssl/openssl.cnf",
            "/etc/pki/tls/certs",
            "/etc/pki/ca-trust/extracted");

    Set<String> OURS = Set.of("proc", "dev", "sys", "tmp", "run", ".selvage", "lost+found");

    /** Either the image, or what is wrong with its name. */
    record Parsed(Optional<RootImage> image, String fault) {}

    static Parsed parse(String image) {
        if (image.equals("host")) {
            return new Parsed(Optional.of(new Host()), "");
        }
        String accepted = "accepted: host, or host:/directory with a root file system";
        if (!image.startsWith("host:/")) {
            return new Parsed(
                    Optional.empty(), "image %s is not for runtime class process; %s".formatted(image, accepted));
        }
        Path path = Path.of(image.substring("host:".length()));
        if (!path.normalize().equals(path) || path.getNameCount() == 0) {
            return new Parsed(
                    Optional.empty(), "image %s: not a plain absolute directory; %s".formatted(image, accepted));
        }
        return new Parsed(Optional.of(new Directory(path)), "");
    }

    /** Arguments of bubblewrap that build the root; {@code accounts} holds our passwd and group. */
    default List<String> mounts(Path accounts) throws IOException {
        return switch (this) {
            case Host host -> hostMounts(accounts);
            case Directory directory -> directoryMounts(directory.path());
        };
    }

    private static List<String> hostMounts(Path accounts) throws IOException {
        List<String> args = new ArrayList<>(List.of("--ro-bind", "/usr", "/usr"));
        for (String name : List.of("bin", "lib", "lib32", "lib64", "libx32", "sbin")) {
            Path path = Path.of("/", name);
            if (Files.isSymbolicLink(path)) {
                args.addAll(List.of("--symlink", "usr/" + name, "/" + name));
            } else if (Files.isDirectory(path)) {
                args.addAll(List.of("--ro-bind", "/" + name, "/" + name));
            }
        }
        args.addAll(List.of("--dir", "/etc", "--dir", "/var"));
        for (String name : List.of("passwd", "group")) {
            args.addAll(List.of("--ro-bind", accounts.resolve(name).toString(), "/etc/" + name));
        }
        List<String> etc = new ArrayList<>(HOST_ETC);
        try (DirectoryStream<Path> java = Files.newDirectoryStream(Path.of("/etc"), "java-*")) {
            java.forEach(p -> etc.add(p.toString()));
        }
        etc.forEach(path -> args.addAll(List.of("--ro-bind-try", path, path)));
        args.addAll(List.of("--symlink", "/tmp", "/var/tmp", "--symlink", "/run", "/var/run"));
        return args;
    }

    private static List<String> directoryMounts(Path root) throws IOException {
        List<String> args = new ArrayList<>();
        Set<Path> entries = new TreeSet<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
            stream.forEach(entries::add);
        }
        for (Path entry : entries) {
            String name = entry.getFileName().toString();
            if (OURS.contains(name)) {
                continue;
            }
            if (Files.isSymbolicLink(entry)) {
                args.addAll(List.of("--symlink", Files.readSymbolicLink(entry).toString(), "/" + name));
            } else {
                args.addAll(List.of("--ro-bind", entry.toString(), "/" + name));
            }
        }
        for (String file : List.of("hosts", "resolv.conf")) {
            if (Files.isRegularFile(root.resolve("etc").resolve(file), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                args.addAll(List.of("--ro-bind-try", "/etc/" + file, "/etc/" + file));
            }
        }
        return args;
    }
}
