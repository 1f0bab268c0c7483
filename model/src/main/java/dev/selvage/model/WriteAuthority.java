package dev.selvage.model;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The one that may write a property.
 *
 * @param stream name of the Stream, empty unless the kind is STREAM
 */
public record WriteAuthority(Kind kind, String stream) {
    /** Who writes: the centre by {@code spec.properties[].desired}, the site by the node's own door, a Stream by its sink. */
    public enum Kind {
        CENTRE,
        SITE,
        STREAM
    }

    public static final String ACCEPTED = "centre, site or stream/NAME";
    public static final WriteAuthority CENTRE = new WriteAuthority(Kind.CENTRE, "");
    public static final WriteAuthority SITE = new WriteAuthority(Kind.SITE, "");

    private static final String PREFIX = "stream/";
    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?");

    public static WriteAuthority stream(String name) {
        return new WriteAuthority(Kind.STREAM, name);
    }

    /** Empty when the text names no authority. */
    public static Optional<WriteAuthority> parse(String text) {
        if (text.equals("centre")) {
            return Optional.of(CENTRE);
        }
        if (text.equals("site")) {
            return Optional.of(SITE);
        }
        String name = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : "";
        return NAME.matcher(name).matches() ? Optional.of(stream(name)) : Optional.empty();
    }

    @Override
    public String toString() {
        return switch (kind) {
            case CENTRE -> "centre";
            case SITE -> "site";
            case STREAM -> PREFIX + stream;
        };
    }
}
