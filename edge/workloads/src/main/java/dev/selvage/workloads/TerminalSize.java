package dev.selvage.workloads;

/**
 * Of a terminal, in characters.
 *
 * @param columns 1 to 65,535
 * @param rows 1 to 65,535
 */
public record TerminalSize(int columns, int rows) {
    private static final int MOST = 0xffff;

    public TerminalSize {
        if (!possible(columns, rows)) {
            throw new IllegalArgumentException(
                    "terminal size: found %d x %d, accepted are 1 to %d".formatted(columns, rows, MOST));
        }
    }

    /** Whether it is one: clients without a terminal say 0. */
    public static boolean possible(int columns, int rows) {
        return columns >= 1 && columns <= MOST && rows >= 1 && rows <= MOST;
    }
}
