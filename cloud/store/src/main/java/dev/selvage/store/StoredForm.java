package dev.selvage.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.Meta;
import java.nio.charset.StandardCharsets;

/**
 * How an object lies in the database: apiVersion, kind and metadata first, metadata beginning with an empty resourceVersion, which the revision
 * fills in when the row is read. So the revision, which is known last, needs no second encoding of the object.
 */
final class StoredForm {
    private static final byte[] GAP = "\"metadata\":{\"resourceVersion\":\"".getBytes(StandardCharsets.US_ASCII);

    private StoredForm() {}

    static byte[] encode(ObjectNode object) {
        ObjectNode ordered = Json.object();
        ordered.set("apiVersion", object.path("apiVersion"));
        ordered.set("kind", object.path("kind"));
        ObjectNode metadata = ordered.putObject("metadata");
        metadata.put("resourceVersion", "");
        Meta.of(object).properties().forEach(field -> {
            if (!field.getKey().equals("resourceVersion")) {
                metadata.set(field.getKey(), field.getValue());
            }
        });
        object.properties().forEach(field -> ordered.putIfAbsent(field.getKey(), field.getValue()));
        return Json.bytes(ordered);
    }

    /** Puts the revision where the form leaves room for it. */
    static byte[] stamp(byte[] form, long revision) {
        int at = gap(form);
        byte[] digits = Long.toString(revision).getBytes(StandardCharsets.US_ASCII);
        byte[] stamped = new byte[form.length + digits.length];
        System.arraycopy(form, 0, stamped, 0, at);
        System.arraycopy(digits, 0, stamped, at, digits.length);
        System.arraycopy(form, at, stamped, at + digits.length, form.length - at);
        return stamped;
    }

    /** The first occurrence is the real one: what stands before it are two strings, in which a quote would be escaped. */
    private static int gap(byte[] form) {
        for (int start = 0; start + GAP.length < form.length; start++) {
            if (java.util.Arrays.equals(form, start, start + GAP.length, GAP, 0, GAP.length)) {
                return start + GAP.length;
            }
        }
        throw new StoreException("an object in the database has no room for its revision");
    }
}
