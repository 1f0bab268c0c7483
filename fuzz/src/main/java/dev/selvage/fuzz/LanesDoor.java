package dev.selvage.fuzz;

import dev.selvage.lanes.Batch;
import dev.selvage.lanes.Lane;
import dev.selvage.lanes.Lanes;
import dev.selvage.lanes.LanesConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The upload lanes' files, damaged in many places at once: they open, serve no record that was never written, none twice and none out of its order, and take new ones.
 */
public final class LanesDoor implements Door {
    private static final LanesConfig CONFIG = new LanesConfig(64 << 10, 64 << 10, 256 << 10, 4 << 10, 4 << 10, 2 << 10);
    private static final int RECORDS = 120;

    private final Path directory;

    public LanesDoor(Path directory) {
        this.directory = directory.resolve("lanes");
    }

    @Override
    public String name() {
        return "lanes";
    }

    @Override
    public String attempt(Draw draw) throws Exception {
        delete();
        fill(draw);
        int changes = 1 + draw.below(6);
        StringBuilder done = new StringBuilder();
        for (int i = 0; i < changes; i++) {
            done.append(damage(draw)).append('\n');
        }
        draw.sent(done.toString());
        int served;
        try (Lanes lanes = Lanes.open(directory, CONFIG)) {
            served = drain(lanes, draw);
            if (!lanes.appendDurable(Lane.LIVE, record(RECORDS))
                    || lanes.peek(Lane.LIVE, 1 << 20).isEmpty()) {
                throw new BrokenException("the lane takes no new record");
            }
        }
        try (Lanes again = Lanes.open(directory, CONFIG)) {
            drain(again, draw);
        }
        return served == RECORDS ? "all" : served == 0 ? "none" : "some";
    }

    private static byte[] record(int number) {
        return ("record " + number + " " + "x".repeat(number * 7 % 300)).getBytes(StandardCharsets.US_ASCII);
    }

    private void fill(Draw draw) throws IOException {
        try (Lanes lanes = Lanes.open(directory, CONFIG)) {
            for (int i = 0; i < RECORDS; i++) {
                lanes.append(Lane.LIVE, record(i));
            }
            lanes.sync();
            if (draw.chance(40)) {
                Batch batch = lanes.peek(Lane.LIVE, 1 << 10);
                lanes.acknowledge(Lane.LIVE, batch.epoch(), batch.lastSequence());
            }
        }
    }

    private String damage(Draw draw) throws IOException {
        Path lane = directory.resolve(draw.chance(90) ? "live" : "alarm");
        List<Path> files;
        try (Stream<Path> all = Files.list(lane)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        if (files.isEmpty()) {
            return "no file";
        }
        Path file = draw.of(files);
        Path other = draw.of(files);
        switch (draw.below(10)) {
            case 0 -> Files.delete(file);
            case 1 -> Files.copy(other, file, StandardCopyOption.REPLACE_EXISTING);
            case 2 ->
                Files.copy(
                        file,
                        lane.resolve("%016x-%016x.log".formatted(draw.number(), draw.number())),
                        StandardCopyOption.REPLACE_EXISTING);
            case 3 ->
                Files.move(
                        file,
                        lane.resolve("%016x-%016x.log".formatted(draw.number(), draw.number())),
                        StandardCopyOption.REPLACE_EXISTING);
            case 4 -> {
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length + draw.below(9_000)));
            }
            case 5 -> Files.write(file, draw.bytes(draw.below(6_000)));
            case 6 ->
                Files.write(
                        lane.resolve(draw.of(
                                List.of("state", "x", "0-0.log", "f".repeat(16) + "-" + "f".repeat(16) + ".log"))),
                        draw.bytes(draw.below(3_000)));
            default -> Files.write(file, Bytes.mutate(draw, Files.readAllBytes(file)));
        }
        return file.getFileName() + " and " + other.getFileName();
    }

    private static int drain(Lanes lanes, Draw draw) throws BrokenException {
        Set<String> seen = new HashSet<>();
        long epoch = -1;
        long sequence = -1;
        while (true) {
            Batch batch = lanes.peek(Lane.LIVE, 256 + draw.below(2_000));
            if (batch.isEmpty()) {
                return seen.size();
            }
            if (batch.epoch() < epoch || (batch.epoch() == epoch && batch.firstSequence() <= sequence)) {
                throw new BrokenException("the lane goes back: " + batch.epoch() + "/" + batch.firstSequence()
                        + " after " + epoch + "/" + sequence);
            }
            for (byte[] record : batch.records()) {
                String text = new String(record, StandardCharsets.US_ASCII);
                if (!seen.add(text) || !genuine(record, text)) {
                    throw new BrokenException("a record that is doubled or was never written: " + text);
                }
            }
            epoch = batch.epoch();
            sequence = batch.lastSequence();
            lanes.acknowledge(Lane.LIVE, epoch, sequence);
        }
    }

    private static boolean genuine(byte[] record, String text) {
        String[] words = text.split(" ", 3);
        return words.length >= 2
                && words[1].matches("\\d{1,4}")
                && java.util.Arrays.equals(record, record(Integer.parseInt(words[1])));
    }

    private void delete() throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
