package dev.selvage.workloads;

import java.util.Map;

/** {@code $(NAME)} in commands, arguments and values, as upstream's third_party/forked/golang/expansion does it. */
final class Expansion {
    private Expansion() {}

    /** A name that is not known stays as it stands; {@code $$} is one dollar sign and ends a reference. */
    static String expand(String text, Map<String, String> values) {
        StringBuilder out = new StringBuilder();
        int here = 0;
        while (here < text.length()) {
            char c = text.charAt(here);
            char next = here + 1 < text.length() ? text.charAt(here + 1) : ' ';
            if (c != '$' || here + 1 == text.length()) {
                out.append(c);
                here++;
            } else if (next == '$') {
                out.append('$');
                here += 2;
            } else if (next == '(' && text.indexOf(')', here) > 0) {
                int end = text.indexOf(')', here);
                String known = values.get(text.substring(here + 2, end));
                out.append(known != null ? known : text.substring(here, end + 1));
                here = end + 1;
            } else {
                out.append(c);
                here++;
            }
        }
        return out.toString();
    }
}
