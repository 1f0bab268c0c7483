package dev.selvage.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How far the database is, asked once for all who want to know at a time: who comes while a question is under way shares the next one, since the answer to the
 * first may be older than he is (Ongaro, Consensus: Bridging Theory and Practice, 6.4, batches a leader's reads alike). So reads take one connection, however many they are.
 */
final class Freshness {
    private final LongSupplier question;
    private final ReentrantLock gate = new ReentrantLock();
    /** Fair: a question waits for one other at most. */
    private final ReentrantLock asking = new ReentrantLock(true);

    private @Nullable CompletableFuture<Long> next;

    /** @param question the revision that is committed now */
    Freshness(LongSupplier question) {
        this.question = question;
    }

    /**
     * A revision that no commit before this call is beyond.
     *
     * @throws StoreUnavailableException when the database cannot say
     */
    long committed() {
        CompletableFuture<Long> answer;
        boolean asks;
        gate.lock();
        try {
            @Nullable CompletableFuture<Long> open = next;
            asks = open == null;
            answer = open == null ? new CompletableFuture<>() : open;
            next = answer;
        } finally {
            gate.unlock();
        }
        if (asks) {
            ask(answer);
        }
        try {
            return answer.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException known
                    ? known
                    : new StoreUnavailableException("reading the counter: " + e.getCause(), e);
        }
    }

    private void ask(CompletableFuture<Long> answer) {
        asking.lock();
        try {
            close();
            answer.complete(question.getAsLong());
        } catch (RuntimeException | Error e) {
            answer.completeExceptionally(e);
        } finally {
            asking.unlock();
        }
    }

    /** Who comes from here on may know of commits that the answer does not. */
    private void close() {
        gate.lock();
        try {
            next = null;
        } finally {
            gate.unlock();
        }
    }
}
