package dev.selvage.api;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Names, labels and keys in upstream's rules and words (k8s.io/apimachinery/pkg/util/validation). */
final class Names {
    private static final String LABEL_FORM = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN_FORM = LABEL_FORM + "(\\." + LABEL_FORM + ")*";
    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]*[a-z0-9])?");
    private static final Pattern QUALIFIED = Pattern.compile("(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");
    private static final Pattern CONFIG_KEY = Pattern.compile("[-._a-zA-Z0-9]+");
    private static final int MOST_ANNOTATION_BYTES = 256 << 10;

    private Names() {}

    static Optional<String> label(String name) {
        if (name.length() > 63) {
            return Optional.of("must be no more than 63 characters");
        }
        return LABEL.matcher(name).matches()
                ? Optional.empty()
                : Optional.of(
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and"
                                + " must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used"
                                + " for validation is '" + LABEL_FORM + "')");
    }

    static Optional<String> subdomain(String name) {
        if (name.length() > 253) {
            return Optional.of("must be no more than 253 characters");
        }
        for (String part : name.split("\\.", -1)) {
            if (!LABEL.matcher(part).matches()) {
                return Optional.of("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters,"
                        + " '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com',"
                        + " regex used for validation is '" + SUBDOMAIN_FORM + "')");
            }
        }
        return Optional.empty();
    }

    static Optional<String> configKey(String key) {
        if (key.length() > 253) {
            return Optional.of("must be no more than 253 characters");
        }
        if (key.equals(".") || key.equals("..") || key.startsWith("..")) {
            return Optional.of("must not be '.', '..' or start with '..'");
        }
        return CONFIG_KEY.matcher(key).matches()
                ? Optional.empty()
                : Optional.of("a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
                        + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
                        + " '[-._a-zA-Z0-9]+')");
    }

    static Optional<String> qualified(String key) {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        if (slash == 0 || name.indexOf('/') >= 0) {
            return Optional.of("a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an"
                    + " optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
        }
        if (slash > 0 && subdomain(key.substring(0, slash)).isPresent()) {
            return subdomain(key.substring(0, slash)).map(text -> "prefix part " + text);
        }
        if (name.isEmpty()) {
            return Optional.of("name part must be non-empty");
        }
        if (name.length() > 63) {
            return Optional.of("name part must be no more than 63 characters");
        }
        return QUALIFIED.matcher(name).matches()
                ? Optional.empty()
                : Optional.of("name part must consist of alphanumeric characters, '-', '_' or '.', and must start and"
                        + " end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used"
                        + " for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    }

    static Optional<String> labelValue(String value) {
        if (value.length() > 63) {
            return Optional.of("must be no more than 63 characters");
        }
        return value.isEmpty() || QUALIFIED.matcher(value).matches()
                ? Optional.empty()
                : Optional.of("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or"
                        + " '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',"
                        + "  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
    }

    /** All annotations together, as upstream's TotalAnnotationSizeLimitB. */
    static Optional<String> annotationSize(Map<String, String> annotations) {
        long size = annotations.entrySet().stream()
                .mapToLong(e -> e.getKey().length() + (long) e.getValue().length())
                .sum();
        return size > MOST_ANNOTATION_BYTES
                ? Optional.of("may not be more than " + MOST_ANNOTATION_BYTES + " bytes")
                : Optional.empty();
    }
}
