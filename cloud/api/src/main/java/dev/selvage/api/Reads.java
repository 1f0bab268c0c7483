package dev.selvage.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.store.ExpiredException;
import dev.selvage.store.Page;
import dev.selvage.store.Resources;
import dev.selvage.store.Selection;
import dev.selvage.store.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** GET of one object and of lists. */
final class Reads {
    private static final Duration FRESH = Duration.ofSeconds(2);
    private static final int MOST_PER_PAGE = 10_000;
    private static final byte[] ITEMS = "\"items\":[".getBytes(StandardCharsets.UTF_8);
    private static final byte[] COMMA = {','};
    private static final byte[] END = "]}".getBytes(StandardCharsets.UTF_8);

    private final Resources resources;

    Reads(Resources resources) {
        this.resources = resources;
    }

    void get(Exchange exchange, Target target) {
        freshen(exchange);
        Stored stored = resources.get(target.key()).orElseThrow(() -> ApiFailure.notFound(target));
        switch (Shape.of(exchange)) {
            case OBJECT -> exchange.send(200, "application/json", stored.json());
            case METADATA -> exchange.send(200, metadata(stored.parse()));
            case TABLE -> {
                ObjectNode table = Tables.of(target.kind()).table(true);
                ((ObjectNode) table.get("metadata")).put("resourceVersion", Long.toString(stored.revision()));
                Tables.of(target.kind()).row((ArrayNode) table.get("rows"), stored.parse(), includeObject(exchange));
                exchange.send(200, table);
            }
        }
    }

    void list(Exchange exchange, Target target) {
        freshen(exchange);
        Selection selection = Selections.of(exchange, target);
        long limit = Math.min(exchange.number("limit", 0), MOST_PER_PAGE);
        String token = exchange.parameter("continue");
        Page page;
        try {
            page = resources.list(selection, (int) limit, token.isEmpty() ? null : token);
        } catch (ExpiredException e) {
            throw expired(e);
        } catch (IllegalArgumentException e) {
            throw ApiFailure.badRequest("continue key is not valid: " + e.getMessage());
        }
        exchange.list(
                page.items().size(),
                page.items().stream().mapToLong(stored -> stored.json().length).sum());
        switch (Shape.of(exchange)) {
            case OBJECT -> exchange.send(200, "application/json", list(target, page));
            case METADATA -> {
                ObjectNode list =
                        Json.object().put("kind", "PartialObjectMetadataList").put("apiVersion", "meta.k8s.io/v1");
                list.set("metadata", listMeta(page));
                ArrayNode items = list.putArray("items");
                page.items().forEach(stored -> items.add(metadata(stored.parse())));
                exchange.send(200, list);
            }
            case TABLE -> {
                Tables tables = Tables.of(target.kind());
                ObjectNode table = tables.table(true);
                table.set("metadata", listMeta(page));
                ArrayNode rows = (ArrayNode) table.get("rows");
                page.items().forEach(stored -> tables.row(rows, stored.parse(), includeObject(exchange)));
                exchange.send(200, table);
            }
        }
    }

    /** A request without resourceVersion sees everything that was committed before it, by whichever process. */
    private void freshen(Exchange exchange) {
        String asked = exchange.parameter("resourceVersion");
        if (asked.equals("0")) {
            return;
        }
        resources.freshen(FRESH); // when the database cannot say, an old answer is better than none
        long revision = exchange.number("resourceVersion", 0);
        if (revision > resources.revision()) {
            throw ApiFailure.resourceVersionTooLarge(revision, resources.revision());
        }
    }

    static String includeObject(Exchange exchange) {
        String value = exchange.parameter("includeObject");
        return switch (value) {
            case "" -> "Metadata";
            case "None", "Metadata", "Object" -> value;
            default ->
                throw ApiFailure.badRequest(
                        "includeObject: found \"" + value + "\", accepted are None, Metadata, Object");
        };
    }

    /** The stored bytes one after the other: objects are not parsed for a plain list, and however long it is, it is never in memory as a whole. */
    static List<byte[]> list(Target target, Page page) {
        ObjectNode head = Json.object()
                .put("kind", target.kind().kind() + "List")
                .put("apiVersion", target.kind().apiVersion());
        head.set("metadata", listMeta(page));
        List<byte[]> parts = new ArrayList<>(2 * page.items().size() + 2);
        byte[] start = Json.bytes(head);
        start[start.length - 1] = ','; // its closing brace
        parts.add(start);
        parts.add(ITEMS);
        for (int i = 0; i < page.items().size(); i++) {
            if (i > 0) {
                parts.add(COMMA);
            }
            parts.add(page.items().get(i).json());
        }
        parts.add(END);
        return parts;
    }

    private static ObjectNode listMeta(Page page) {
        ObjectNode meta = Json.object().put("resourceVersion", Long.toString(page.revision()));
        if (page.continueToken() != null) {
            meta.put("continue", page.continueToken());
            if (page.remaining() > 0) {
                meta.put("remainingItemCount", page.remaining());
            }
        }
        return meta;
    }

    static ObjectNode metadata(ObjectNode object) {
        ObjectNode partial = Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
        partial.set("metadata", object.path("metadata"));
        return partial;
    }

    private static ApiFailure expired(ExpiredException e) {
        return new ApiFailure(410, "Expired", String.valueOf(e.getMessage()), null, e.freshToken());
    }
}
