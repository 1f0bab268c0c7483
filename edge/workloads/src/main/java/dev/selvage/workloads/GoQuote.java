package dev.selvage.workloads;

/** Go's strconv.Quote: programs that read the files of a downwardAPI volume undo exactly this. */
final class GoQuote {
    private GoQuote() {}

    static String of(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> append(quoted, c));
        return quoted.append('"').toString();
    }

    private static void append(StringBuilder quoted, int c) {
        switch (c) {
            case 7 -> quoted.append("\\a");
            case '\b' -> quoted.append("\\b");
            case '\f' -> quoted.append("\\f");
            case '\n' -> quoted.append("\\n");
            case '\r' -> quoted.append("\\r");
            case '\t' -> quoted.append("\\t");
            case 11 -> quoted.append("\\v");
            case '"', '\\' -> quoted.append('\\').appendCodePoint(c);
            default -> {
                if (printable(c)) {
                    quoted.appendCodePoint(c);
                } else if (c < ' ' || c == 127) {
                    quoted.append("\\x%02x".formatted(c));
                } else if (c > 0xffff) {
                    quoted.append("\\U%08x".formatted(c));
                } else {
                    quoted.append("\\u%04x".formatted(c));
                }
            }
        }
    }

    /** Letters, marks, numbers, punctuation, symbols, and of the spaces only the plain one. */
    private static boolean printable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }
}
