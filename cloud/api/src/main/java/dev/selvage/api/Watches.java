package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.store.FutureRevisionException;
import dev.selvage.store.Page;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.StoreUnavailableException;
import dev.selvage.store.Stored;
import dev.selvage.store.WatchEvent;
import dev.selvage.store.WatchStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** Watches as newline-delimited {@code {type, object}}, with bookmarks and initial events (WatchList). */
final class Watches {
    private static final Duration BOOKMARKS = Duration.ofSeconds(30);
    private static final long LONGEST_SECONDS = 24L * 3600;

    private final Resources resources;
    private final AtomicBoolean stopping;

    /** @param stopping once true, running watches end at the next turn */
    Watches(Resources resources, AtomicBoolean stopping) {
        this.resources = resources;
        this.stopping = stopping;
    }

    void watch(Exchange exchange, Target target) throws IOException {
        if (exchange.header("Upgrade").equalsIgnoreCase("websocket")) {
            // A complete 200 tells fabric8 that there are no WebSockets here; it asks again by plain HTTP.
            exchange.close();
            exchange.send(200, Json.object());
            return;
        }
        Selection selection = Selections.of(exchange, target);
        boolean bookmarks = exchange.flag("allowWatchBookmarks");
        boolean initial = initialEvents(exchange, bookmarks);
        long asked = exchange.number("resourceVersion", 0);
        long seconds = Math.min(exchange.number("timeoutSeconds", 0), LONGEST_SECONDS);
        if (seconds == 0) { // upstream: between 30 and 60 minutes, so that clients do not come back together
            seconds = 1800L + ThreadLocalRandom.current().nextInt(1800);
        }
        Sender sender = new Sender(Shape.of(exchange), Tables.of(target.kind()), Reads.includeObject(exchange), target);
        boolean list = initial
                || (asked == 0 && !exchange.parameter("sendInitialEvents").equals("false"));
        resources.freshen(Duration.ofSeconds(2));
        if (asked > resources.revision()) {
            throw ApiFailure.resourceVersionTooLarge(asked, resources.revision());
        }
        Page start = list ? resources.list(selection, 0, null) : null;
        long from = start != null ? start.revision() : asked == 0 ? resources.revision() : asked;
        try (WatchStream stream = resources.watch(selection, from)) {
            OutputStream out = exchange.stream("application/json", stream::close);
            if (start != null) {
                for (Stored stored : start.items()) {
                    sender.object(out, "ADDED", stored);
                }
            }
            if (initial) {
                sender.bookmark(out, from, true);
            }
            out.flush();
            run(
                    stream,
                    out,
                    sender,
                    bookmarks,
                    System.nanoTime() + Duration.ofSeconds(seconds).toNanos());
            out.close();
        } catch (FutureRevisionException e) {
            throw ApiFailure.resourceVersionTooLarge(asked, e.current());
        }
    }

    private void run(WatchStream stream, OutputStream out, Sender sender, boolean bookmarks, long deadline)
            throws IOException {
        long nextBookmark = System.nanoTime() + BOOKMARKS.toNanos();
        long bookmarked = 0;
        while (!stopping.get()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return;
            }
            try {
                switch (stream.next(
                        Duration.ofNanos(Math.min(left, Duration.ofSeconds(5).toNanos())))) {
                    case WatchEvent.Added added -> sender.object(out, "ADDED", added.stored());
                    case WatchEvent.Modified modified -> sender.object(out, "MODIFIED", modified.stored());
                    case WatchEvent.Deleted deleted -> sender.object(out, "DELETED", deleted.stored());
                    case WatchEvent.Bookmark bookmark -> {
                        if (bookmarks && bookmark.revision() != bookmarked && System.nanoTime() >= nextBookmark) {
                            sender.bookmark(out, bookmark.revision(), false);
                            bookmarked = bookmark.revision();
                            nextBookmark = System.nanoTime() + BOOKMARKS.toNanos();
                        }
                    }
                    case WatchEvent.Expired expired -> {
                        sender.error(out, ApiFailure.expired("too old resource version: " + expired.reason()));
                        return;
                    }
                }
                out.flush();
            } catch (StoreUnavailableException e) {
                sender.error(out, ApiFailure.unavailable("the store is unavailable: " + e.getMessage()));
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean initialEvents(Exchange exchange, boolean bookmarks) {
        if (exchange.parameter("sendInitialEvents").isEmpty()) {
            return false;
        }
        boolean initial = exchange.flag("sendInitialEvents");
        String match = exchange.parameter("resourceVersionMatch");
        if (!match.equals("NotOlderThan") || (initial && !bookmarks)) {
            throw new ApiFailure(
                    422,
                    "Invalid",
                    "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires"
                            + " setting resourceVersionMatch to NotOlderThan and allowWatchBookmarks to true",
                    null);
        }
        return initial;
    }

    /** Writes events in one shape; a table's columns come with its first event only, as upstream does. */
    private static final class Sender {
        private final Shape shape;
        private final Tables tables;
        private final String include;
        private final Target target;
        private boolean columnsSent;

        Sender(Shape shape, Tables tables, String include, Target target) {
            this.shape = shape;
            this.tables = tables;
            this.include = include;
            this.target = target;
        }

        void object(OutputStream out, String type, Stored stored) throws IOException {
            switch (shape) {
                case OBJECT -> raw(out, type, stored.json());
                case METADATA -> raw(out, type, Json.bytes(Reads.metadata(stored.parse())));
                case TABLE -> {
                    ObjectNode table = tables.table(!columnsSent);
                    columnsSent = true;
                    ((ObjectNode) table.get("metadata")).put("resourceVersion", Long.toString(stored.revision()));
                    tables.row((ArrayNode) table.get("rows"), stored.parse(), include);
                    raw(out, type, Json.bytes(table));
                }
            }
        }

        void bookmark(OutputStream out, long revision, boolean initialEventsEnd) throws IOException {
            ObjectNode object = Json.object()
                    .put(
                            "kind",
                            shape == Shape.METADATA
                                    ? "PartialObjectMetadata"
                                    : target.kind().kind())
                    .put(
                            "apiVersion",
                            shape == Shape.METADATA
                                    ? "meta.k8s.io/v1"
                                    : target.kind().apiVersion());
            ObjectNode meta = object.putObject("metadata").put("resourceVersion", Long.toString(revision));
            meta.putNull("creationTimestamp");
            if (initialEventsEnd) {
                meta.putObject("annotations").put("k8s.io/initial-events-end", "true");
            }
            if (shape == Shape.TABLE) {
                ObjectNode table = tables.table(false);
                ((ObjectNode) table.get("metadata")).put("resourceVersion", Long.toString(revision));
                ObjectNode row = ((ArrayNode) table.get("rows")).addObject();
                row.putArray("cells");
                row.set("object", object);
                raw(out, "BOOKMARK", Json.bytes(table));
            } else {
                raw(out, "BOOKMARK", Json.bytes(object));
            }
        }

        void error(OutputStream out, ApiFailure failure) throws IOException {
            raw(out, "ERROR", Json.bytes(failure.status()));
            out.flush();
        }

        private static void raw(OutputStream out, String type, byte[] object) throws IOException {
            out.write(("{\"type\":\"" + type + "\",\"object\":").getBytes(StandardCharsets.UTF_8));
            out.write(object);
            out.write('}');
            out.write('\n');
        }
    }
}
