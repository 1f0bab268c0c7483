package dev.selvage.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the launcher has put the programs. */
final class Distribution {
    private Distribution() {}

    static Path root() {
        return Path.of(System.getProperty("selvage.root", ".")).toAbsolutePath().normalize();
    }

    static List<String> centre(Home home, Ports ports, String listen) {
        List<String> command = java(
                "server",
                "-Xms64m",
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                aotCache("server"));
        command.addAll(List.of(
                "dev.selvage.server.Main",
                "--home",
                home.centre().toString(),
                "--kubeconfig",
                home.kubeconfig().toString(),
                "--listen",
                listen,
                "--api-port",
                Integer.toString(ports.api()),
                "--hub-port",
                Integer.toString(ports.hub()),
                "--database-port",
                Integer.toString(ports.database())));
        return command;
    }

    /** A command of the centre's program that runs beside it or in its place. */
    static List<String> centreCommand(List<String> arguments) {
        List<String> command =
                java("server", "-Xmx256m", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", aotCache("server"));
        command.add("dev.selvage.server.Main");
        command.addAll(arguments);
        return command;
    }

    static List<String> plant(Home home, Home.Settings settings) {
        Ports ports = settings.ports();
        List<String> command = java("sim", "-Xmx64m", "-XX:+UseSerialGC");
        command.addAll(List.of(
                "dev.selvage.sim.plant.PlantMain",
                "--modbus-port",
                Integer.toString(ports.modbus()),
                "--control-port",
                Integer.toString(ports.plant()),
                "--log",
                home.plant().resolve("plant.log").toString(),
                "--rooms",
                Integer.toString(settings.rooms())));
        return command;
    }

    static List<String> agent(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(dist().resolve("agent-image/bin/selvage-agent").toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Without the cache, or with one of another build, the JVM starts slower and says nothing. The launcher's build asks, by {@code SELVAGE_TRAIN}, that it be
     * written when the program ends (JEP 514).
     */
    private static String aotCache(String part) {
        String option = System.getenv("SELVAGE_TRAIN") == null ? "-XX:AOTCache=" : "-XX:AOTCacheOutput=";
        return option + dist().resolve(part).resolve(part + ".aot");
    }

    private static List<String> java(String part, String... flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("selvage.jdk", System.getProperty("java.home")), "bin", "java")
                .toString());
        command.add("-Xlog:aot=off,cds=off");
        command.addAll(List.of(flags));
        String more = System.getenv("SELVAGE_JVM_OPTIONS");
        if (more != null && !more.isBlank()) {
            command.addAll(List.of(more.strip().split("\\s+")));
        }
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                dist().resolve(part).resolve("lib") + "/*"));
        return command;
    }

    private static Path dist() {
        return Path.of(
                System.getProperty("selvage.dist", root().resolve("target/dist").toString()));
    }
}
