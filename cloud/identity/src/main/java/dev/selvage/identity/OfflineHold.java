package dev.selvage.identity;

import dev.selvage.identity.IdentityRows.Row;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.store.Leases;
import dev.selvage.store.Resources;
import dev.selvage.store.Stored;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Holds the renewal of a node that the centre has not heard of for too long, until an administrator approves it. */
final class OfflineHold {
    private static final Duration SHORTEST_RETRY = Duration.ofSeconds(2);
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(30);

    private final Duration longest;
    private final Leases leases;
    private final Resources resources;

    /** @param longest zero: for ever */
    OfflineHold(Duration longest, Leases leases, Resources resources) {
        this.longest = longest;
        this.leases = leases;
        this.resources = resources;
    }

    sealed interface Verdict {}

    /** The node was heard of lately enough. */
    record Heard() implements Verdict {}

    record Waits(Answer.Held held) implements Verdict {}

    /** Close the request when the node has its certificate: an approval is good for one renewal. */
    record Approved(RenewalRequest request, String by) implements Verdict {}

    Verdict judge(Stored node, Row row, Machine machine) {
        Duration away = longest.isZero() ? Duration.ZERO : away(node.key().name(), row.age());
        if (away.compareTo(longest) <= 0) {
            return new Heard();
        }
        var request = new RenewalRequest(resources, node.key().name());
        Instant lastHeard = Instant.now().minus(away).truncatedTo(ChronoUnit.SECONDS);
        RenewalRequest.Decision decision = request.decision(row.generation(), machine, node, lastHeard);
        return decision.state() == State.APPROVED
                ? new Approved(request, decision.by())
                : new Waits(held(node.key().name(), request, decision, lastHeard));
    }

    /** Since its last renewal or heartbeat, whichever was later. */
    private Duration away(String node, Duration sinceRenewal) {
        return leases.age(node).filter(age -> age.compareTo(sinceRenewal) < 0).orElse(sinceRenewal);
    }

    private Answer.Held held(String node, RenewalRequest request, RenewalRequest.Decision decision, Instant lastHeard) {
        boolean denied = decision.state() == State.DENIED;
        String why = "node \"" + node + "\" was last heard of at " + lastHeard + ", and max-offline-age is "
                + shown(longest);
        return new Answer.Held(
                request.name(),
                denied,
                decision.anew(),
                why
                        + (denied
                                ? ": " + decision.by() + " denied its return (NodeRequest " + request.name() + ")"
                                : ": an administrator has to approve its return (selvage approve " + request.name()
                                        + ")"),
                denied ? LONGEST_RETRY.multipliedBy(2) : retry());
    }

    /** A tenth of the limit, 2 s to 30 s. */
    private Duration retry() {
        Duration tenth = longest.dividedBy(10);
        return tenth.compareTo(SHORTEST_RETRY) < 0
                ? SHORTEST_RETRY
                : tenth.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : tenth;
    }

    private static String shown(Duration time) {
        return time.toDays() > 1
                ? time.toDays() + " d"
                : time.toHours() > 1 ? time.toHours() + " h" : time.toSeconds() + " s";
    }
}
