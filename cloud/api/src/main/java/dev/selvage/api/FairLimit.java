package dev.selvage.api;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A bounded good that many ask for: seats of requests under way, bytes of bodies. No user and no flow can take all of it, and what comes free goes in turn to the users
 * who wait, and to a user's flows in turn: who asks for ever more waits behind himself. Who has too many waiting already, or waits too long, is answered 429.
 */
final class FairLimit {
    private final String name;
    private final Shares shares;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, UserShare> users = new HashMap<>();
    /** Users of whom something waits; who was given something goes to the end. */
    private final Deque<UserShare> turns = new ArrayDeque<>();

    private final AtomicLong refused = new AtomicLong();
    private long used;

    /**
     * How the good is shared out.
     *
     * @param total over all
     * @param perUser at most for one user
     * @param perFlow at most for one user in one namespace
     * @param waiting requests of one flow that wait; one more is refused
     * @param patience the longest that one waits
     */
    record Shares(long total, long perUser, long perFlow, int waiting, Duration patience) {}

    FairLimit(String name, Shares shares) {
        this.name = name;
        this.shares = shares;
    }

    /** What was taken; closing it gives it back. */
    interface Permit extends AutoCloseable {
        @Override
        void close();
    }

    private static final class UserShare {
        final Map<String, FlowShare> flows = new HashMap<>();
        final Deque<FlowShare> turns = new ArrayDeque<>();
        long used;
    }

    private static final class FlowShare {
        final Deque<Waiter> waiting = new ArrayDeque<>();
        long used;
    }

    private static final class Waiter {
        final long weight;
        final Condition granted;
        boolean done;

        Waiter(long weight, Condition granted) {
            this.weight = weight;
            this.granted = granted;
        }
    }

    /** The most that is given out. */
    long max() {
        return shares.total();
    }

    long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** How often 429 was the answer. */
    long refused() {
        return refused.get();
    }

    /**
     * Takes its share, or waits for its turn.
     *
     * @param weight more than one flow may have counts as what it may have
     * @throws ApiFailure 429 with Retry-After
     */
    Permit take(Flow flow, long weight) {
        lock.lock();
        try {
            UserShare user = users.computeIfAbsent(flow.user(), _ -> new UserShare());
            FlowShare share = user.flows.computeIfAbsent(flow.namespace(), _ -> new FlowShare());
            Waiter waiter = new Waiter(Math.min(weight, shares.perFlow()), lock.newCondition());
            if (share.waiting.isEmpty()) {
                enlist(user, share);
            }
            share.waiting.addLast(waiter);
            grant();
            boolean granted = waiter.done || (share.waiting.size() <= shares.waiting() && await(waiter));
            if (!granted) {
                withdraw(flow, user, share, waiter);
                refused.incrementAndGet();
                throw ApiFailure.tooManyRequests(
                        "too many " + name + " at once: the limit is " + shares.total() + ", of which "
                                + shares.perUser() + " for one user and " + shares.perFlow()
                                + " for one user in one namespace",
                        1);
            }
            return () -> giveBack(flow, user, share, waiter.weight);
        } finally {
            lock.unlock();
        }
    }

    private void enlist(UserShare user, FlowShare share) {
        if (user.turns.isEmpty()) {
            turns.addLast(user);
        }
        user.turns.addLast(share);
    }

    private boolean await(Waiter waiter) {
        long left = shares.patience().toNanos();
        try {
            while (!waiter.done && left > 0) {
                left = waiter.granted.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return waiter.done;
    }

    private void withdraw(Flow flow, UserShare user, FlowShare share, Waiter waiter) {
        share.waiting.remove(waiter);
        if (share.waiting.isEmpty()) {
            user.turns.remove(share);
            if (user.turns.isEmpty()) {
                turns.remove(user);
            }
        }
        forget(flow, user, share);
        grant();
    }

    private void giveBack(Flow flow, UserShare user, FlowShare share, long weight) {
        lock.lock();
        try {
            used -= weight;
            user.used -= weight;
            share.used -= weight;
            forget(flow, user, share);
            grant();
        } finally {
            lock.unlock();
        }
    }

    private void forget(Flow flow, UserShare user, FlowShare share) {
        if (share.used == 0 && share.waiting.isEmpty()) {
            user.flows.remove(flow.namespace());
        }
        if (user.flows.isEmpty()) {
            users.remove(flow.user());
        }
    }

    /** Gives to each whose turn it is, until nothing fits. One that fits his own shares but not the total stops the round: else the light would overtake him for ever. */
    private void grant() {
        boolean given = true;
        while (given) {
            given = false;
            for (int n = turns.size(); n > 0; n--) {
                UserShare user = turns.removeFirst();
                Turn turn = grant(user);
                if (turn == Turn.TOTAL_IS_OUT) {
                    turns.addFirst(user);
                    return;
                }
                given |= turn == Turn.GIVEN;
                if (!user.turns.isEmpty()) {
                    turns.addLast(user);
                }
            }
        }
    }

    private enum Turn {
        GIVEN,
        OWN_SHARE_IS_OUT,
        TOTAL_IS_OUT
    }

    private Turn grant(UserShare user) {
        for (int n = user.turns.size(); n > 0; n--) {
            FlowShare flow = user.turns.removeFirst();
            Waiter first = flow.waiting.getFirst();
            boolean own = flow.used + first.weight <= shares.perFlow() && user.used + first.weight <= shares.perUser();
            if (own && used + first.weight > shares.total()) {
                user.turns.addFirst(flow);
                return Turn.TOTAL_IS_OUT;
            }
            if (own) {
                give(user, flow);
            }
            if (!flow.waiting.isEmpty()) {
                user.turns.addLast(flow);
            }
            if (own) {
                return Turn.GIVEN;
            }
        }
        return Turn.OWN_SHARE_IS_OUT;
    }

    private void give(UserShare user, FlowShare flow) {
        Waiter waiter = flow.waiting.removeFirst();
        used += waiter.weight;
        user.used += waiter.weight;
        flow.used += waiter.weight;
        waiter.done = true;
        waiter.granted.signal();
    }
}
