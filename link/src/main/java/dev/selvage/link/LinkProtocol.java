package dev.selvage.link;

import java.time.Duration;

/** The constants that both ends of the link share (link.proto describes the exchange). */
public final class LinkProtocol {
    /** Version that a node's first message carries; a hub refuses any other. */
    public static final int VERSION = 1;

    public static final String ALPN = "selvage/1";

    /** Largest frame body, in bytes: an object of 1.5 MiB and room beside it. */
    public static final int MAX_FRAME = 4 * 1024 * 1024;

    /** Largest first message: a Hello with everything a node holds may need it, an Enroll or a Renew needs far less. */
    public static final int MAX_SHORT_FRAME = 64 * 1024;

    /** Most fields of a node's message: objects that it holds, reports, lane records. */
    public static final int MAX_ELEMENTS = 64 * 1024;

    public static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private LinkProtocol() {}
}
