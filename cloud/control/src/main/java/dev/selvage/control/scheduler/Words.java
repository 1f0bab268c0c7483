package dev.selvage.control.scheduler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Upstream's FitError. */
final class Words {
    private Words() {}

    /** "0/3 nodes are available: 1 node(s) had untolerated taint {k: v}, 2 Insufficient cpu." */
    static String fitError(int nodes, Map<String, Integer> reasons) {
        List<String> parts = new ArrayList<>();
        reasons.forEach((reason, count) -> parts.add(count + " " + reason));
        parts.sort(null);
        return "0/" + nodes + " nodes are available: " + String.join(", ", parts) + ".";
    }
}
