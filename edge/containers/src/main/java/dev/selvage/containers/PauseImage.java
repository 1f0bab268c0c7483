package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** The image of sandboxes, loaded into the engine when it is not there: no registry is asked for it. */
final class PauseImage {
    static final String NAME = "selvage.dev/pause:1";

    private PauseImage() {}

    /** @throws IOException when the engine's machine is none that we have a program for, or it does not take the image */
    static void ensure(Engine engine, String architecture) throws IOException {
        if (engine.find("/images/" + Engine.encode(NAME) + "/json").isPresent()) {
            return;
        }
        byte[] program = PauseProgram.forArchitecture(architecture)
                .orElseThrow(() -> new IOException(
                        "no pause image for architecture \"%s\": accepted amd64 and arm64".formatted(architecture)));
        byte[] archive = archive(NAME, architecture, program);
        try (EngineConnection connection = engine.open(engine.path("/images/load?quiet=1"), Engine.LONG)) {
            try {
                HttpReply reply = connection.request("POST", Map.of("Content-Type", "application/x-tar"), archive);
                Engine.check(reply);
                JsonLines lines = new JsonLines(reply.body());
                for (Optional<ObjectNode> line = lines.next(); line.isPresent(); line = lines.next()) {
                    if (line.get().has("error")) {
                        throw new EngineException(0, Json.textAt(line.get(), "error"));
                    }
                }
            } catch (IOException e) {
                throw connection.explained(e);
            }
        }
    }

    /** As {@code docker save} writes it (github.com/moby/docker-image-spec, v1.2). */
    static byte[] archive(String name, String architecture, byte[] program) throws IOException {
        ByteArrayOutputStream layer = new ByteArrayOutputStream();
        TarWriter files = new TarWriter(layer);
        files.file("pause", 0555, program);
        files.end();
        ObjectNode config = Json.object().put("architecture", architecture).put("os", "linux");
        config.putObject("config").putArray("Entrypoint").add("/pause");
        config.put("created", "1970-01-01T00:00:00Z");
        config.putObject("rootfs").put("type", "layers").putArray("diff_ids").add(digest(layer.toByteArray()));
        var manifest = Json.array();
        ObjectNode image = manifest.addObject().put("Config", "config.json");
        image.putArray("RepoTags").add(name);
        image.putArray("Layers").add("layer.tar");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TarWriter tar = new TarWriter(out);
        tar.file("config.json", 0444, Json.bytes(config));
        tar.file("layer.tar", 0444, layer.toByteArray());
        tar.file("manifest.json", 0444, Json.text(manifest).getBytes(StandardCharsets.UTF_8));
        tar.end();
        return out.toByteArray();
    }

    static String digest(byte[] content) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
