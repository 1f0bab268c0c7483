package dev.selvage.identity;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.x509.GeneralName;

/** The names under which the centre answers. */
final class ServerNames {
    private ServerNames() {}

    static List<GeneralName> of(Collection<String> extra) {
        Set<String> names = new LinkedHashSet<>(List.of("localhost", "127.0.0.1", "::1", "selvage"));
        hostName(names);
        names.addAll(extra);
        return names.stream().map(ServerNames::name).toList();
    }

    private static void hostName(Set<String> names) {
        try {
            String host = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            if (host.matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?")) {
                names.add(host);
            }
        } catch (UnknownHostException e) {
            // A machine without a resolvable name is reached by address or by a configured name.
        }
    }

    private static GeneralName name(String name) {
        boolean address = name.contains(":") || name.matches("[0-9]+(\\.[0-9]+){3}");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }
}
