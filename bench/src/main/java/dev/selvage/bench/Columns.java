package dev.selvage.bench;

import java.util.Arrays;
import java.util.List;

/** Text in columns. */
final class Columns {
    private static final String GAP = "  ";

    private Columns() {}

    /** @param right the columns that are aligned to the right */
    static String aligned(List<List<String>> rows, Integer... right) {
        int[] widths = new int[rows.getFirst().size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        List<Integer> numbers = Arrays.asList(right);
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String pad = " ".repeat(widths[i] - row.get(i).length());
                line.append(numbers.contains(i) ? pad + row.get(i) : row.get(i) + pad)
                        .append(GAP);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
