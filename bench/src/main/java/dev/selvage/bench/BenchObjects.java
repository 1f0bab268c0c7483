package dev.selvage.bench;

import java.util.Random;

/** ConfigMaps of 3 KB in the namespace {@code bench}. */
final class BenchObjects {
    static final String NAMESPACE = "bench";
    static final String PATH = "/api/v1/namespaces/" + NAMESPACE + "/configmaps";
    static final int BYTES = 3_000;
    private static final Random RANDOM = new Random(3);

    private BenchObjects() {}

    /** @param label value of the label {@code bench} */
    static String json(String name, String label, String text) {
        return "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"namespace\":\"" + NAMESPACE
                + "\",\"name\":\"" + name + "\",\"labels\":{\"bench\":\"" + label + "\"}},\"data\":{\"text\":\"" + text
                + "\"}}";
    }

    /** Random letters: PostgreSQL compresses large values, and real ones are not all alike. */
    static String text() {
        StringBuilder text = new StringBuilder(BYTES);
        synchronized (RANDOM) {
            while (text.length() < BYTES) {
                text.append((char) ('a' + RANDOM.nextInt(26)));
            }
        }
        return text.toString();
    }
}
