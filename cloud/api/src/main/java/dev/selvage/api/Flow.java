package dev.selvage.api;

import java.util.List;

/**
 * Whose request it is, as the limits see it: a tenant is a user, and among one user's requests a namespace.
 *
 * @param namespace that of the path; empty for what belongs to none
 */
record Flow(String user, String namespace) {
    /** Those without a certificate are told apart by their address. */
    static Flow of(Caller caller, List<String> path) {
        String user = caller.isAnonymous() ? caller.user() + "@" + caller.address() : caller.user();
        int at = path.indexOf("namespaces");
        return new Flow(user, at >= 0 && at + 1 < path.size() ? path.get(at + 1) : "");
    }
}
