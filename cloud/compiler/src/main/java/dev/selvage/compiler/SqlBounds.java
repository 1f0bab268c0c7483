package dev.selvage.compiler;

import java.util.Locale;

/**
 * Bounds on the text of a query, checked by a plain scan before any parser sees it: parsing and validation take time and
 * stack that grow with nesting, for some forms faster than linearly.
 */
final class SqlBounds {
    static final int MAX_LENGTH = 16_384;
    static final int MAX_TOKENS = 1_500;
    static final int MAX_NESTING = 24;

    private final String sql;
    private int at;
    private int line = 1;
    private int lineStart;
    private int tokens;
    private int nesting;

    private SqlBounds(String sql) {
        this.sql = sql;
    }

    /**
     * The query without a semicolon at its end; positions stay.
     *
     * @throws SqlFault at the first token beyond a bound
     */
    static String check(String sql) {
        if (sql.length() > MAX_LENGTH) {
            throw new SqlFault(new SqlError(
                    1, 1, "the query has " + sql.length() + " characters", "at most " + MAX_LENGTH + " characters"));
        }
        String body = sql.stripTrailing();
        body = body.endsWith(";") ? body.substring(0, body.length() - 1) : body;
        new SqlBounds(body).scan();
        return body;
    }

    private void scan() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c == '\n') {
                line++;
                lineStart = at + 1;
                at++;
            } else if (Character.isWhitespace(c)) {
                at++;
            } else if (sql.startsWith("--", at)) {
                skipTo("\n", 0);
            } else if (sql.startsWith("/*", at)) {
                skipTo("*/", 2);
            } else {
                token(c);
            }
        }
    }

    private void token(char c) {
        if (++tokens > MAX_TOKENS) {
            throw here("the query has more than " + MAX_TOKENS + " words", "at most " + MAX_TOKENS + " words");
        }
        if (c == '\'' || c == '`' || c == '"') {
            skipTo(String.valueOf(c), 1);
        } else if (Character.isJavaIdentifierStart(c)) {
            word();
        } else {
            nest(c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0);
            at++;
        }
    }

    private void word() {
        int start = at;
        while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            at++;
        }
        String word = sql.substring(start, at).toUpperCase(Locale.ROOT);
        nest(word.equals("CASE") ? 1 : word.equals("END") ? -1 : 0);
    }

    private void nest(int by) {
        nesting += by;
        if (nesting > MAX_NESTING) {
            throw here("nested too deeply", "at most " + MAX_NESTING + " levels of parentheses and CASE");
        }
    }

    /** Moves behind the next {@code end}, or to the end of the text: the parser will say what is missing. */
    private void skipTo(String end, int from) {
        int found = sql.indexOf(end, at + from);
        int next = found < 0 ? sql.length() : end.equals("\n") ? found : found + end.length();
        for (int i = at; i < next; i++) {
            if (sql.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        at = next;
    }

    private SqlFault here(String message, String accepted) {
        return new SqlFault(new SqlError(line, at - lineStart + 1, message, accepted));
    }
}
