package dev.selvage.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Values that must not be shown, in each form in which text may carry them. One that is shorter than {@link #SHORTEST} is no secret. */
final class KnownSecrets {
    static final int SHORTEST = 4;
    private static final int SHORTEST_LINE = 8;
    private static final int SHORTEST_CODED = 6;

    private final Set<String> values = new LinkedHashSet<>();

    /** Notes the value, and each line of one that has several. */
    void add(String value) {
        String text = value.strip();
        if (text.length() >= SHORTEST) {
            values.add(text);
            text.lines()
                    .map(String::strip)
                    .filter(l -> l.length() >= SHORTEST_LINE)
                    .forEach(values::add);
        }
    }

    int size() {
        return values.size();
    }

    /** Every form of every value, the longest first: a value that is a part of another must not spoil it. */
    List<String> forms() {
        Set<String> forms = new LinkedHashSet<>();
        for (String value : values) {
            forms.add(value);
            forms.add(new String(JsonStringEncoder.getInstance().quoteAsString(value)));
            forms.add(URLEncoder.encode(value, StandardCharsets.UTF_8));
            forms.addAll(coded(value));
        }
        return forms.stream()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    /**
     * What Base64 (RFC 4648, both alphabets) makes of the value wherever it stands in what is encoded: of the three places within a group of three bytes, the
     * digits that depend on the value alone.
     */
    private static List<String> coded(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        List<String> coded = new ArrayList<>();
        for (int before = 0; before < 3; before++) {
            byte[] shifted = new byte[before + bytes.length];
            System.arraycopy(bytes, 0, shifted, before, bytes.length);
            int from = (before * 8 + 5) / 6;
            int to = shifted.length * 8 / 6;
            for (var encoder : Arrays.asList(Base64.getEncoder(), Base64.getUrlEncoder())) {
                String digits = encoder.encodeToString(shifted).substring(from, to);
                if (digits.length() >= SHORTEST_CODED) {
                    coded.add(digits);
                }
            }
        }
        return coded;
    }
}
