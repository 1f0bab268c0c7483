package dev.selvage.api;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Who asks: the subject of the client certificate, as upstream reads it (common name is the user, organisations are the
 * groups).
 */
record Caller(String user, List<String> groups, String address) {
    static final String ADMINS = "system:masters";
    static final String NODES = "system:nodes";

    Caller {
        groups = List.copyOf(groups);
    }

    static Caller anonymous(String address) {
        return new Caller("system:anonymous", List.of("system:unauthenticated"), address);
    }

    static Caller of(X509Certificate certificate, String address) {
        String user = "";
        List<String> groups = new ArrayList<>();
        try {
            for (Rdn part : new LdapName(certificate.getSubjectX500Principal().getName()).getRdns()) {
                if (part.getType().equalsIgnoreCase("CN")) {
                    user = part.getValue().toString();
                } else if (part.getType().equalsIgnoreCase("O")) {
                    groups.add(part.getValue().toString());
                }
            }
        } catch (InvalidNameException e) {
            return anonymous(address);
        }
        if (user.isEmpty()) {
            return anonymous(address);
        }
        groups.add("system:authenticated");
        return new Caller(user, groups, address);
    }

    boolean admin() {
        return groups.contains(ADMINS);
    }

    boolean isAnonymous() {
        return groups.contains("system:unauthenticated");
    }
}
