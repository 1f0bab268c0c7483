package dev.selvage.workloads;

import dev.selvage.files.CheckedFile;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Pods' records below the agent's home, one directory per pod. A record that was damaged is set aside and reported; the pod's runs say themselves what they are, so
 * that it is found again all the same.
 */
final class PodStore {
    private static final System.Logger LOG = System.getLogger(PodStore.class.getName());

    static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{0,63}");

    private final Path home;
    private final List<String> faults = new ArrayList<>();
    private final Set<String> lost = new HashSet<>();
    private final Map<String, byte[]> saved = new ConcurrentHashMap<>();
    /** Pods whose state cannot be written at present, and why. */
    private final Map<String, String> unwritten = new ConcurrentHashMap<>();

    PodStore(Path home) {
        this.home = home;
        try {
            OwnFiles.directory(home);
            OwnFiles.directory(home.resolve("pods"));
        } catch (IOException e) {
            throw new UncheckedIOException("state of the pods at " + home, e);
        }
    }

    Path directory(String uid) {
        return home.resolve("pods").resolve(uid);
    }

    synchronized List<String> faults() {
        List<String> all = new ArrayList<>(faults);
        unwritten.forEach((uid, why) -> all.add("state of pod %s cannot be written: %s".formatted(uid, why)));
        return all;
    }

    Map<String, PodRecord> load() {
        Map<String, PodRecord> records = new LinkedHashMap<>();
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(home.resolve("pods"), Files::isDirectory)) {
            for (Path directory : directories) {
                load(directory.getFileName().toString(), records);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("state of the pods at " + home, e);
        }
        return records;
    }

    private void load(String uid, Map<String, PodRecord> records) throws IOException {
        CheckedFile file = file(uid);
        Optional<byte[]> content = file.read();
        try {
            if (content.isPresent()) {
                PodRecord record = PodRecord.of(Json.parseObject(content.get()));
                if (!record.pod.uid().equals(uid)) {
                    throw new IllegalArgumentException("it is of pod " + record.pod.uid());
                }
                records.put(uid, record);
            }
        } catch (JsonException | IllegalArgumentException e) {
            file.setAside(String.valueOf(e.getMessage()));
        }
        if (!records.containsKey(uid)) {
            lost.add(uid);
        }
    }

    /** Pods that have left a directory and no record that can be read; each is told once. */
    synchronized Set<String> takeLost() {
        Set<String> taken = Set.copyOf(lost);
        lost.clear();
        return taken;
    }

    private CheckedFile file(String uid) {
        return new CheckedFile(directory(uid).resolve("pod.json"), what -> fault("state of pod " + uid + ": " + what));
    }

    /** Durable when it returns; nothing is written when nothing changed. */
    void save(String uid, PodRecord record) {
        byte[] bytes = Json.bytes(record.json());
        if (Arrays.equals(bytes, saved.get(uid))) {
            return;
        }
        try {
            OwnFiles.directory(directory(uid));
            file(uid).write(bytes);
            saved.put(uid, bytes);
            unwritten.remove(uid);
        } catch (ClosedByInterruptException e) {
            LOG.log(System.Logger.Level.DEBUG, "the agent ends; state of pod {0} stays as it was", uid);
        } catch (IOException e) {
            if (unwritten.put(uid, String.valueOf(e)) == null) {
                LOG.log(System.Logger.Level.WARNING, "state of pod {0} cannot be written: {1}", uid, e);
            }
        }
    }

    void remove(String uid) {
        saved.remove(uid);
        unwritten.remove(uid);
        OwnFiles.deleteQuietly(directory(uid).resolve("pod.json"));
        OwnFiles.deleteTree(directory(uid));
    }

    private synchronized void fault(String text) {
        LOG.log(System.Logger.Level.WARNING, text);
        if (faults.size() < 100 && !faults.contains(text)) {
            faults.add(text);
        }
    }
}
