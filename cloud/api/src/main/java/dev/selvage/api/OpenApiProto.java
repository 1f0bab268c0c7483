package dev.selvage.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The OpenAPI version 2 document as protobuf, for kubectl 1.20: the messages of gnostic's openapiv2/OpenAPIv2.proto that
 * our document uses, by field number. Vendor extensions travel as YAML text, and JSON is YAML.
 */
final class OpenApiProto {
    static final String CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, 512);

    private OpenApiProto() {}

    private interface Fill {
        void into(OpenApiProto message) throws IOException;
    }

    static byte[] document(JsonNode document) {
        return message(m -> {
            m.text(1, document.path("swagger"));
            m.message(2, info -> {
                info.text(1, document.path("info").path("title"));
                info.text(2, document.path("info").path("version"));
            });
            m.message(8, paths -> {
                for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
                    paths.named(2, path.getKey(), item -> item.path(path.getValue()));
                }
            });
            m.message(9, definitions -> definitions.schemas(1, document.path("definitions")));
        });
    }

    private static byte[] message(Fill fill) {
        OpenApiProto message = new OpenApiProto();
        try {
            fill.into(message);
            message.out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to memory does not fail
        }
        return message.bytes.toByteArray();
    }

    private void message(int field, Fill fill) throws IOException {
        out.writeByteArray(field, message(fill));
    }

    /** NamedX: name is field 1, value is field 2. */
    private void named(int field, String name, Fill value) throws IOException {
        message(field, pair -> {
            pair.out.writeString(1, name);
            pair.message(2, value);
        });
    }

    private void text(int field, JsonNode value) throws IOException {
        if (value.isTextual() && !value.asText().isEmpty()) {
            out.writeString(field, value.asText());
        }
    }

    private void path(JsonNode item) throws IOException {
        operation(2, item.path("get"));
        operation(3, item.path("put"));
        operation(4, item.path("post"));
        operation(5, item.path("delete"));
        operation(8, item.path("patch"));
    }

    private void operation(int field, JsonNode operation) throws IOException {
        if (!operation.isObject()) {
            return;
        }
        message(field, m -> {
            m.text(3, operation.path("description"));
            m.text(5, operation.path("operationId"));
            for (JsonNode parameter : operation.path("parameters")) {
                m.message(
                        8,
                        item -> item.message(
                                1,
                                p -> p.message(
                                        2,
                                        nonBody -> nonBody.message(3, query -> {
                                            query.text(2, parameter.path("in"));
                                            query.text(4, parameter.path("name"));
                                            query.text(6, parameter.path("type"));
                                        }))));
            }
            m.message(
                    9,
                    responses -> responses.named(
                            1, "200", value -> value.message(1, response -> response.out.writeString(1, "OK"))));
            m.extensions(13, operation);
        });
    }

    private void schemas(int field, JsonNode schemas) throws IOException {
        for (Map.Entry<String, JsonNode> schema : schemas.properties()) {
            named(field, schema.getKey(), m -> m.schema(schema.getValue()));
        }
    }

    private void schema(JsonNode schema) throws IOException {
        text(1, schema.path("$ref"));
        text(2, schema.path("format"));
        text(4, schema.path("description"));
        if (schema.has("maximum")) {
            out.writeDouble(7, schema.path("maximum").asDouble());
        }
        if (schema.has("minimum")) {
            out.writeDouble(9, schema.path("minimum").asDouble());
        }
        text(15, schema.path("pattern"));
        for (JsonNode required : schema.path("required")) {
            out.writeString(19, required.asText());
        }
        for (JsonNode allowed : schema.path("enum")) {
            message(20, any -> any.out.writeString(2, allowed.toString()));
        }
        if (schema.path("additionalProperties").isObject()) {
            message(21, item -> item.message(1, m -> m.schema(schema.path("additionalProperties"))));
        }
        if (schema.path("type").isTextual()) {
            message(22, type -> type.text(1, schema.path("type")));
        }
        if (schema.has("items")) {
            message(23, items -> items.message(1, m -> m.schema(schema.path("items"))));
        }
        if (schema.has("properties")) {
            message(25, properties -> properties.schemas(1, schema.path("properties")));
        }
        extensions(31, schema);
    }

    private void extensions(int field, JsonNode object) throws IOException {
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            if (entry.getKey().startsWith("x-")) {
                named(
                        field,
                        entry.getKey(),
                        any -> any.out.writeString(2, entry.getValue().toString()));
            }
        }
    }
}
