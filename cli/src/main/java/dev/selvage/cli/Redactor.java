package dev.selvage.cli;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes secrets out of text: those that are known, and what looks like one. Counts what it took out. */
final class Redactor {
    static final String MARK = "[redacted]";

    private record Form(String what, Pattern pattern) {}

    /** Group 1, where there is one, stays. */
    private static final List<Form> FORMS = List.of(
            new Form(
                    "private keys",
                    Pattern.compile(
                            "-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\\z)",
                            Pattern.DOTALL)),
            new Form("encoded PEM", Pattern.compile("LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]*")),
            new Form("authorizations", Pattern.compile("(?i)\\b((?:bearer|basic)\\s+)[A-Za-z0-9._~+/=-]{6,}")),
            new Form("JSON web tokens", Pattern.compile("\\beyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*")),
            new Form(
                    "passwords in URLs",
                    Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*://[^\\s/:@\"']*:)[^\\s/@\"']+(?=@)")),
            new Form("join tokens", Pattern.compile("\\b(join-[0-9a-f]{8}\\.)[0-9a-f]{16,}")),
            new Form(
                    "values behind telling names",
                    Pattern.compile("(?i)(" + name() + "[\"']?\\s*[=:]\\s*[\"']?)(?!" + Pattern.quote(MARK)
                            + ")[^\\s\"',;&}\\\\]{3,}")),
            new Form(
                    "options with telling names",
                    Pattern.compile("(?i)(--?" + name() + "\\s+)(?!" + Pattern.quote(MARK) + ")\\S{3,}")));

    private final List<String> known;
    private final Map<String, Integer> counts = new TreeMap<>();

    Redactor(KnownSecrets secrets) {
        this.known = secrets.forms();
    }

    private static String name() {
        return "\\b[a-z0-9_.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)";
    }

    String text(String text) {
        String clean = text;
        for (String form : known) {
            if (clean.contains(form)) {
                count("known secrets", (clean.length() - clean.replace(form, "").length()) / form.length());
                clean = clean.replace(form, MARK);
            }
        }
        for (Form form : FORMS) {
            clean = form(form, clean);
        }
        return clean;
    }

    private String form(Form form, String text) {
        Matcher matcher = form.pattern.matcher(text);
        return matcher.replaceAll(match -> {
            count(form.what, 1);
            String kept = form.what.equals("private keys") || match.groupCount() == 0 ? "" : match.group(1);
            return Matcher.quoteReplacement(kept + MARK);
        });
    }

    void count(String what, int times) {
        counts.merge(what, times, Integer::sum);
    }

    Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }
}
