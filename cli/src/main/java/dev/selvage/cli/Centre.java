package dev.selvage.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Kind;
import dev.selvage.model.Kinds;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The centre's part of a support bundle: every object, its health and its figures; nothing when it does not answer. */
final class Centre implements AutoCloseable {
    private static final int PAGE = 500;
    private static final List<Kind> WITH_SECRETS = List.of(Kinds.SECRET, Kinds.POD);

    private final @Nullable ApiClient api;
    private final String silence;

    private Centre(@Nullable ApiClient api, String silence) {
        this.api = api;
        this.silence = silence;
    }

    static Centre none() {
        return new Centre(null, "this machine has no access to the centre");
    }

    static Centre of(Home home) {
        try {
            ApiClient api = new ApiClient(home);
            try {
                api.text("/readyz");
                return new Centre(api, "");
            } catch (CommandFailed silent) {
                api.close();
                throw silent;
            }
        } catch (CommandFailed e) {
            return new Centre(null, String.valueOf(e.getMessage()));
        }
    }

    /** Why nothing can be had of it; empty when it answers. */
    String silence() {
        return silence;
    }

    /** Notes the secrets of all objects; false when the centre could not tell them all. */
    boolean secrets(KnownSecrets secrets) {
        if (api == null) {
            return false;
        }
        try {
            for (Kind kind : WITH_SECRETS) {
                String next = "";
                do {
                    ObjectNode page = api.page(kind, PAGE, next);
                    named(page, kind).forEach(object -> ResourceRedaction.secrets(object, secrets::add));
                    next = Json.textAt(page, "metadata", "continue");
                } while (!next.isEmpty());
            }
            return true;
        } catch (CommandFailed e) {
            return false;
        }
    }

    void collect(SupportBundle bundle, Redactor redactor) {
        if (api == null) {
            bundle.missed("centre/, resources/: " + silence);
            return;
        }
        for (String what : List.of("livez", "readyz?verbose", "metrics")) {
            bundle.add("centre/" + what.replaceAll("\\?.*", "") + ".txt", () -> api.text("/" + what));
        }
        for (Kind kind : Kinds.all()) {
            bundle.add("resources/" + kind.id() + ".json", () -> resources(bundle, api, kind, redactor));
        }
    }

    private static String resources(SupportBundle bundle, ApiClient api, Kind kind, Redactor redactor) {
        ObjectNode page = api.page(kind, PAGE, "");
        ArrayNode items = named(page, kind);
        items.forEach(item -> ResourceRedaction.redact((ObjectNode) item, redactor));
        if (!Json.textAt(page, "metadata", "continue").isEmpty()) {
            bundle.missed("resources/" + kind.id() + ".json: only the first " + PAGE + " objects");
        }
        return Json.pretty(items) + "\n";
    }

    /** The items of a list do not say their kind. */
    private static ArrayNode named(ObjectNode page, Kind kind) {
        ArrayNode items = page.withArray("/items");
        for (JsonNode item : items) {
            ((ObjectNode) item).put("apiVersion", kind.apiVersion()).put("kind", kind.kind());
        }
        return items;
    }

    @Override
    public void close() {
        if (api != null) {
            api.close();
        }
    }
}
