package dev.selvage.api;

import java.time.Duration;
import java.util.List;

/** What the API gives out at most, and to whom; see {@link FairLimit}. */
final class Limits {
    /** A list beyond one of these is a large one. */
    private static final int LARGE_ITEMS = 2_000;

    private static final long LARGE_BYTES = 4L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final FairLimit requests;
    private final FairLimit watches;
    private final FairLimit largeLists;
    private final FairLimit bodyBytes;
    private final FairLimit commands = new FairLimit("commands", new FairLimit.Shares(256, 64, 32, 0, Duration.ZERO));

    Limits(ApiConfig config) {
        int perUser = config.concurrentRequests();
        requests = new FairLimit(
                "requests", new FairLimit.Shares(2L * perUser, perUser, atLeastOne(perUser / 2), perUser, PATIENCE));
        int most = config.maxWatches();
        watches = new FairLimit(
                "watches", new FairLimit.Shares(most, atLeastOne(most / 2), atLeastOne(most / 4), 0, Duration.ZERO));
        largeLists = new FairLimit("large lists", new FairLimit.Shares(8, 4, 2, 50, PATIENCE.multipliedBy(3)));
        long body = config.maxBodyBytes();
        bodyBytes = new FairLimit(
                "bytes of bodies", new FairLimit.Shares(16 * body, 8 * body, 4 * body, perUser, PATIENCE));
    }

    private static int atLeastOne(int share) {
        return Math.max(1, share);
    }

    FairLimit.Permit request(Flow flow) {
        return requests.take(flow, 1);
    }

    FairLimit.Permit watch(Flow flow) {
        return watches.take(flow, 1);
    }

    /** Of {@code kubectl exec}, for as long as it lasts. */
    FairLimit.Permit command(Flow flow) {
        return commands.take(flow, 1);
    }

    FairLimit.Permit body(Flow flow, long bytes) {
        return bodyBytes.take(flow, bytes);
    }

    /** Nothing to wait for unless the list is a large one. */
    FairLimit.Permit list(Flow flow, int items, long bytes) {
        return items > LARGE_ITEMS || bytes > LARGE_BYTES ? largeLists.take(flow, 1) : () -> {};
    }

    long watches() {
        return watches.used();
    }

    /** Each limit, what is used of it, and how often it was reached. */
    List<ApiServer.Usage> usage() {
        return List.of(
                usage("api_requests", requests),
                usage("api_watches", watches),
                usage("api_large_lists", largeLists),
                usage("api_body_bytes", bodyBytes),
                usage("api_commands", commands));
    }

    private static ApiServer.Usage usage(String name, FairLimit limit) {
        return new ApiServer.Usage(name, limit.max(), limit.used(), limit.refused());
    }
}
