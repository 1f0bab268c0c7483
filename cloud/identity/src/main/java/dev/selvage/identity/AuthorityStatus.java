package dev.selvage.identity;

import java.util.List;

/**
 * How the rotation of the CA stands.
 *
 * @param authorities oldest first, retired ones among them
 * @param serving id of the one that issues the centre's own certificates
 * @param issuing id of the one that issues certificates of nodes and administrators
 * @param nodes how many have an identity
 * @param behind nodes that have not said that they trust the newest; at most {@value #MOST}
 */
public record AuthorityStatus(
        List<Authority> authorities, int serving, int issuing, int nodes, List<BehindNode> behind) {
    static final int MOST = 1000;

    public AuthorityStatus {
        authorities = List.copyOf(authorities);
        behind = List.copyOf(behind);
    }
}
