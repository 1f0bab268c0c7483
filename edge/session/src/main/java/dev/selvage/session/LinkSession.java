package dev.selvage.session;

import dev.selvage.lanes.Lanes;
import dev.selvage.link.Refused;
import dev.selvage.model.ObjectKey;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The node's end of the link. It keeps one control connection to one of the hubs, for as long as it is open: reconnects with full jitter over all of them, goes
 * when and comes when a hub says, renews the certificate at half its life. Without a hub everything else on the node goes on.
 */
public final class LinkSession implements AutoCloseable {
    /** Objects that may have a status waiting. */
    public static final int MAX_STATUSES = PendingReports.MAX_OBJECTS;

    /** Events that may wait; the oldest go first. */
    public static final int MAX_EVENTS = PendingReports.MAX_EVENTS;

    private static final System.Logger LOG = System.getLogger(LinkSession.class.getName());
    private static final Duration RENEWAL_CHECK = Duration.ofMinutes(1);
    private static final Duration SHORTEST_CHECK = Duration.ofMillis(500);
    private static final Duration UNLINKED_CHECK = Duration.ofSeconds(5);
    private static final Duration LASTING = Duration.ofSeconds(5);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final SessionConfig config;
    private final IdentityFile file;
    private final SliceStore slice;
    private final Lanes lanes;
    private final SessionListener listener;
    private final PendingReports reports = new PendingReports();
    private final StreamServer streams;
    private final TrustedClock clock;
    private final Renewal renewal;
    private final ReentrantLock renewing = new ReentrantLock();
    private final Random random = new Random();
    private final List<Thread> threads = new ArrayList<>();
    private volatile NodeIdentity identity;
    private volatile @Nullable HubConnection connection;
    private volatile boolean linked;
    private volatile boolean closed;

    /** @throws IOException when the node has not enrolled, or its identity cannot be read */
    public LinkSession(
            SessionConfig config,
            IdentityFile file,
            SliceStore slice,
            Lanes lanes,
            StreamHandler handler,
            SessionListener listener)
            throws IOException {
        this.config = config;
        this.file = file;
        this.slice = slice;
        this.lanes = lanes;
        this.listener = listener;
        this.identity = file.load()
                .orElseThrow(() -> new IOException("this node has no identity yet: enrol it with a join token"));
        this.streams = new StreamServer(config, handler);
        this.clock = new TrustedClock(file, Clock.systemUTC());
        this.renewal = new Renewal(config, file);
    }

    public void start() {
        threads.add(Thread.ofVirtual().name("link").start(this::stayLinked));
        threads.add(Thread.ofVirtual().name("link-renewal").start(this::stayCertified));
    }

    /** A session is up. */
    public boolean linked() {
        return linked;
    }

    /** The time as the hubs tell it, carried on without them; the machine's own until the first has told, unless that lies before what one told earlier. */
    public Instant now() {
        return clock.now();
    }

    public NodeIdentity identity() {
        return identity;
    }

    /** Replaces what was still to be told about the object; told again after a reconnect until the centre has stored it. */
    public void status(StatusReport report) {
        reports.status(report);
    }

    /** Nothing of the pod is left on the node: the centre may forget it. */
    public void podGone(ObjectKey key, String uid) {
        reports.gone(key, uid);
    }

    public void event(NodeEvent event) {
        reports.event(event);
    }

    /** Everything reported so far is stored at the centre, or refused. */
    public boolean reportsStored() {
        return reports.isEmpty();
    }

    /** Objects whose status the centre has not stored yet, of {@link #MAX_STATUSES}. */
    public int statusesWaiting() {
        return reports.states();
    }

    /** Events that have not been sent yet, of {@link #MAX_EVENTS}. */
    public int eventsWaiting() {
        return reports.events();
    }

    /** Statuses and events dropped at their limit since the start. */
    public long reportsDropped() {
        return reports.dropped();
    }

    /**
     * Renews the certificate now, whatever is left of its life: an operator's means after a disk was copied.
     *
     * @throws IOException why no hub renewed it
     */
    public void renewNow() throws IOException {
        IOException last = new LinkException("no hub is known");
        for (HubAddress hub : shuffled()) {
            try {
                renew(hub);
                return;
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private void stayLinked() {
        var backoff = new Backoff(config.minBackoff(), config.maxBackoff(), random);
        boolean awake = true;
        while (awake && !closed) {
            awake = sleep(roundOrWait(backoff));
        }
    }

    /** Whatever fails, a listener say, the node comes back: there is no other thread that would. */
    private Duration roundOrWait(Backoff backoff) {
        try {
            return round(backoff);
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "the link failed and is tried again", e);
            return backoff.next();
        }
    }

    /** One attempt at every hub, or one session; gives the wait before the next round. */
    private Duration round(Backoff backoff) {
        for (HubAddress hub : shuffled()) {
            long begun = System.nanoTime();
            Ending ending = attempt(hub);
            if (!ending.comeBackIn().isZero()) {
                return backoff.comeBackIn(ending.comeBackIn());
            }
            if (ending.wasLinked()) {
                // A hub that drops its nodes as soon as they come is not asked at once again and again.
                if (System.nanoTime() - begun > LASTING.toNanos()) {
                    backoff.reset();
                }
                break;
            }
        }
        return backoff.next();
    }

    private Ending attempt(HubAddress hub) {
        boolean wasLinked = false;
        try (var opened = HubConnection.open(hub, trust(), identity, config.connectTimeout())) {
            connection = opened;
            if (closed) {
                return new Ending(false, Duration.ZERO);
            }
            var session =
                    ControlSession.begin(opened, identity, config, slice, reports, lanes, clock, listener, this::trust);
            wasLinked = true;
            linked = true;
            listener.linked(hub, session.epoch());
            try {
                session.run(request -> streams.serve(request, hub, trust(), identity, session.epoch()));
            } finally {
                streams.endCommands(session.epoch());
            }
            return new Ending(true, Duration.ZERO);
        } catch (ComeBackException e) {
            ended(hub, e);
            return new Ending(wasLinked, e.after());
        } catch (RefusedException e) {
            return refused(hub, e);
        } catch (IOException | RuntimeException | Error e) {
            ended(hub, e);
            return new Ending(wasLinked, Duration.ZERO);
        }
    }

    private void ended(HubAddress hub, Throwable e) {
        linked = false;
        connection = null;
        if (!closed) {
            LOG.log(Level.INFO, "link to " + hub + ": " + HubConnection.reason(e));
            listener.unlinked(HubConnection.reason(e));
        }
    }

    /** An old certificate is renewed at once; whatever else was refused is asked for again at the slowest pace: an administrator has to act. */
    private Ending refused(HubAddress hub, RefusedException e) {
        linked = false;
        connection = null;
        RefusedException reason = e;
        if (e.code() == Refused.Code.CERTIFICATE_EXPIRED || e.code() == Refused.Code.KEY_STALE) {
            try {
                renew(hub);
                return new Ending(false, Duration.ofMillis(1));
            } catch (RefusedException renewal) {
                reason = renewal; // it says what there is to do, where the first said only what was tried
            } catch (IOException renewal) {
                LOG.log(Level.WARNING, "renewal at " + hub + ": " + HubConnection.reason(renewal));
            }
        }
        ended(hub, reason);
        listener.refused(reason.code().name(), HubConnection.reason(reason));
        return new Ending(false, reason.retryAfter().isZero() ? config.maxBackoff() : reason.retryAfter());
    }

    private void stayCertified() {
        var backoff = new Backoff(config.minBackoff(), config.maxBackoff(), random);
        boolean awake = true;
        while (awake && !closed) {
            awake = sleep(renewWhenDue(backoff));
        }
    }

    /** Gives the wait until it is to be called again. Without a link nothing is asked: a node that returns is told to renew if it must. */
    private Duration renewWhenDue(Backoff backoff) {
        Duration left = Duration.between(clock.now(), identity.renewAt());
        if (left.isPositive()) {
            return left.compareTo(RENEWAL_CHECK) > 0 ? RENEWAL_CHECK : left.plus(SHORTEST_CHECK);
        }
        if (!linked) {
            return UNLINKED_CHECK;
        }
        try {
            renewNow();
            backoff.reset();
            return SHORTEST_CHECK;
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.WARNING, "certificate not renewed: " + HubConnection.reason(e));
            listener.notRenewed(HubConnection.reason(e));
            Duration asked = e instanceof RefusedException refused ? refused.retryAfter() : Duration.ZERO;
            return (asked.isZero() ? backoff.next() : asked).plus(SHORTEST_CHECK);
        }
    }

    /** The centre's CAs have changed: these are trusted from now on, and after a restart. */
    private void trust(List<X509Certificate> authorities) throws IOException {
        renewing.lock();
        try {
            NodeIdentity trusting = identity.trusting(authorities);
            file.saveTrusted(authorities);
            identity = trusting;
            LOG.log(
                    Level.INFO,
                    "trusted CAs: "
                            + String.join(
                                    ", ",
                                    authorities.stream().map(CentreTrust::name).toList()));
        } finally {
            renewing.unlock();
        }
    }

    private void renew(HubAddress hub) throws IOException {
        renewing.lock();
        try {
            NodeIdentity renewed = renewal.renew(hub, trust(), identity);
            identity = renewed;
            LOG.log(Level.INFO, "certificate renewed: " + renewed);
            listener.renewed(renewed);
        } finally {
            renewing.unlock();
        }
    }

    private CentreTrust trust() {
        return CentreTrust.holding(identity.trusted(), clock.lowerBound());
    }

    private List<HubAddress> shuffled() {
        List<HubAddress> hubs = new ArrayList<>(config.hubs());
        Collections.shuffle(hubs, random);
        return hubs;
    }

    /** False when the session is being closed. */
    private static boolean sleep(Duration wait) {
        try {
            Thread.sleep(wait.isNegative() ? SHORTEST_CHECK : wait);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** Ends the session; what was not stored at the centre is the caller's to report again. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        HubConnection open = connection;
        if (open != null) {
            open.close();
        }
        for (Thread thread : threads) {
            try {
                thread.join(CLOSE_LIMIT);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /**
     * How an attempt ended.
     *
     * @param comeBackIn zero: as the back-off says
     */
    private record Ending(boolean wasLinked, Duration comeBackIn) {}
}
