package dev.selvage.compiler;

/**
 * A fault in a query.
 *
 * @param line from 1
 * @param column from 1
 * @param message what is wrong, as a sentence that names what was found
 * @param accepted what would be right; may be empty
 */
public record SqlError(int line, int column, String message, String accepted) {
    private static final int SHOWN = 400;

    public SqlError {
        message = message.length() > SHOWN ? message.substring(0, SHOWN) + "…" : message;
    }

    /** {@code line 3, column 12: …}. */
    @Override
    public String toString() {
        return "line " + line + ", column " + column + ": " + message
                + (accepted.isEmpty() ? "" : "; accepted: " + accepted);
    }
}
