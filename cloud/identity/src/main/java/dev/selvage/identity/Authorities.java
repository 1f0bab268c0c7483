package dev.selvage.identity;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Every CA that the centre has had, oldest first, as the database has them at one time.
 *
 * @param issuers of those that have a key, by id
 */
record Authorities(List<Authority> all, Map<Integer, Issuer> issuers) {
    Authorities {
        all = List.copyOf(all);
        issuers = Map.copyOf(issuers);
        if (all.stream().allMatch(Authority::retired)) {
            throw new IllegalArgumentException("a centre needs a CA that is not retired, found none of " + all.size());
        }
    }

    /** Those that everybody shall trust, the serving one first. */
    List<Authority> trusted() {
        return all.stream().filter(a -> !a.retired()).toList();
    }

    /** Issues the certificates of the centre's own servers: the oldest that is trusted, which everybody knows. */
    Authority serving() {
        return trusted().getFirst();
    }

    /** Issues the certificates of nodes and administrators: the newest that every server of the centre knows. */
    Authority issuing() {
        return trusted().reversed().stream()
                .filter(Authority::settled)
                .findFirst()
                .orElseGet(this::serving);
    }

    Authority newest() {
        return all.getLast();
    }

    Issuer issuer(Authority authority) {
        Issuer issuer = issuers.get(authority.id());
        if (issuer == null) {
            throw new IllegalStateException("the CA " + authority.name() + " has no key");
        }
        return issuer;
    }

    /** The newest that is among these fingerprints; 0 if none is. */
    int newestOf(List<byte[]> fingerprints) {
        return all.reversed().stream()
                .filter(a -> fingerprints.stream().anyMatch(f -> Arrays.equals(f, a.sha256())))
                .findFirst()
                .map(Authority::id)
                .orElse(0);
    }

    /** The one that a certificate names as its issuer; that it really is has to be verified. */
    Optional<Authority> issuerOf(X509Certificate certificate) {
        return all.reversed().stream().filter(a -> a.issued(certificate)).findFirst();
    }

    /** What differs when anybody has to do something: who is trusted, who issues. */
    String view() {
        StringBuilder view = new StringBuilder();
        trusted()
                .forEach(a ->
                        view.append(HexFormat.of().formatHex(a.sha256(), 0, 8)).append(' '));
        return view.append(issuing().id()).toString();
    }
}
