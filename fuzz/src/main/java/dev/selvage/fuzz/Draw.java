package dev.selvage.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** The decisions that make one input: the same seed and index make the same one. */
public final class Draw {
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        32_767,
        65_535,
        65_536,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 31,
        1L << 32,
        1L << 53,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -32_768,
        1_700_000_000_000L,
        999_999_999_999_999_999L
    };
    private static final List<String> WORDS = List.of(
            "",
            " ",
            "a",
            "default",
            "fuzz",
            "../../etc/passwd",
            "..",
            "/",
            "a/b",
            "-",
            "A",
            "ü",
            "\u0000",
            "\ud800",
            "\uffff",
            "\r\nX: y",
            "%00",
            "%s%n",
            "${jndi:x}",
            "'; DROP TABLE object; --",
            "\"",
            "\\",
            "null",
            "true",
            "NaN",
            "1e999",
            "-0",
            "9999-12-31T23:59:59Z",
            "-999999999-01-01T00:00:00Z",
            "0s",
            "-5s",
            "9223372036854775807h",
            "1h1h",
            "100Ei",
            "-1Mi",
            "1e400",
            "a".repeat(64),
            "a.b.".repeat(70) + "c",
            "x".repeat(5_000));

    private final SplittableRandom random;
    private byte[] input = {};

    Draw(long seed, long index) {
        this(new SplittableRandom(seed + index * 0x9E37_79B9_7F4A_7C15L));
    }

    private Draw(SplittableRandom random) {
        this.random = random;
    }

    /** For another thread, whose decisions then do not depend on how the two take turns. */
    Draw fork() {
        return new Draw(random.split());
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** At least {@code from}, below {@code to}. */
    int between(int from, int to) {
        return random.nextInt(from, to);
    }

    boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    <T> T of(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    long number() {
        return chance(60) ? EXTREMES[below(EXTREMES.length)] + below(3) - 1 : random.nextLong();
    }

    String word() {
        return chance(75) ? of(WORDS) : new String(bytes(below(40)), StandardCharsets.ISO_8859_1);
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Keeps what is about to be sent, for the report of a finding. */
    byte[] sent(byte[] bytes) {
        input = bytes;
        return bytes;
    }

    String sent(String text) {
        sent(text.getBytes(StandardCharsets.UTF_8));
        return text;
    }

    byte[] input() {
        return input;
    }
}
