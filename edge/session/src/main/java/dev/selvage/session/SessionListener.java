package dev.selvage.session;

import dev.selvage.model.ObjectKey;

/** Hears what becomes of the link. Called by the session's threads; must not block. */
public interface SessionListener {
    /** A session has begun. The centre may have judged the node meanwhile: report every status again. */
    default void linked(HubAddress hub, long epoch) {}

    /** The session or the attempt has ended; the next follows by itself. */
    default void unlinked(String reason) {}

    /** The hub refused the node: {@code code} is a name of link.proto's {@code Refused.Code}. */
    default void refused(String code, String message) {}

    /** The node has a new certificate, already in use and on disk. */
    default void renewed(NodeIdentity identity) {}

    /** The certificate was due to be renewed and was not; the session goes on, and it is tried again. */
    default void notRenewed(String reason) {}

    /** The hub refused a report for good: another node's object, or one that is gone. */
    default void reportRefused(ObjectKey object, String reason) {}
}
