package dev.selvage.api;

import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import java.util.List;
import java.util.Optional;

/** Reads the path of a resource request: /api/v1/…, /apis/GROUP/VERSION/…, with namespaces/NAME before namespaced kinds. */
final class Router {
    private Router() {}

    /** Empty when no served kind has this path. */
    static Optional<Target> target(List<String> path) {
        if (path.size() >= 3 && path.get(0).equals("api")) {
            return resource("", path.get(1), path.subList(2, path.size()));
        }
        if (path.size() >= 4 && path.get(0).equals("apis")) {
            return resource(path.get(1), path.get(2), path.subList(3, path.size()));
        }
        return Optional.empty();
    }

    private static Optional<Target> resource(String group, String version, List<String> rest) {
        if (rest.size() >= 3 && rest.get(0).equals("namespaces") && !isNamespacePart(rest.get(2))) {
            return Kinds.byResource(group, version, rest.get(2))
                    .filter(Kind::namespaced)
                    .flatMap(kind -> target(kind, rest.get(1), rest.subList(3, rest.size())));
        }
        return Kinds.byResource(group, version, rest.get(0))
                .filter(kind -> !kind.namespaced() || rest.size() == 1)
                .flatMap(kind -> target(kind, "", rest.subList(1, rest.size())));
    }

    private static boolean isNamespacePart(String name) {
        return name.equals("status") || name.equals("finalize");
    }

    private static Optional<Target> target(Kind kind, String namespace, List<String> rest) {
        return switch (rest.size()) {
            case 0 -> Optional.of(new Target(kind, namespace, "", ""));
            case 1 -> Optional.of(new Target(kind, namespace, rest.get(0), ""));
            case 2 -> Optional.of(new Target(kind, namespace, rest.get(0), rest.get(1)));
            default -> Optional.empty();
        };
    }
}
