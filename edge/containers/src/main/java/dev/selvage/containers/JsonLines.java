package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Function;

/** A stream of JSON objects, one a line, as the engine tells events and the progress of pulls. */
final class JsonLines {
    private static final int LONGEST = 1 << 20;

    private final InputStream in;

    JsonLines(InputStream in) {
        this.in = in;
    }

    /** The next object; empty at the end. */
    Optional<ObjectNode> next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        int b = in.read();
        while (b >= 0) {
            if (b == '\n' && line.size() > 0) {
                break;
            }
            if (line.size() >= LONGEST) {
                throw new IOException("a line of the engine's stream is longer than " + LONGEST + " bytes");
            }
            if (line.size() > 0 || !Character.isWhitespace(b)) {
                line.write(b);
            }
            b = in.read();
        }
        return line.size() == 0 ? Optional.empty() : Optional.of(parse(line.toByteArray()));
    }

    static ObjectNode parse(byte[] text) throws IOException {
        return parse(text, Json::parseObject);
    }

    static ArrayNode parseArray(byte[] text) throws IOException {
        return parse(text, Json::parseArray);
    }

    private static <T> T parse(byte[] text, Function<byte[], T> reader) throws IOException {
        try {
            return reader.apply(text);
        } catch (JsonException e) {
            throw new IOException("the engine's answer is no JSON: " + e.getMessage(), e);
        }
    }
}
