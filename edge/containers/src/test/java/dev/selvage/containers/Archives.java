package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.sim.engine.DockerEngine;
import dev.selvage.sim.engine.Registry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Image archives as others make them: the engine itself, a registry, tar and gzip. */
final class Archives {
    private Archives() {}

    /** An OCI layout (image-spec, image-layout.md) of what the engine has pushed to a registry: manifest, config and compressed layers are the engine's. */
    static Path layout(Registry registry, String repository, String tag, String name, Path to) throws Exception {
        Path root = Files.createDirectories(to.resolveSibling(to.getFileName() + ".d"));
        Files.createDirectories(root.resolve("blobs/sha256"));
        Files.writeString(root.resolve("oci-layout"), "{\"imageLayoutVersion\": \"1.0.0\"}");
        byte[] manifest = get(registry, repository + "/manifests/" + tag);
        String digest = blob(root, manifest);
        ObjectNode document = Json.parseObject(manifest);
        blob(root, get(registry, repository + "/blobs/" + Json.textAt(document, "config", "digest")));
        for (JsonNode layer : document.path("layers")) {
            blob(root, get(registry, repository + "/blobs/" + Json.textAt(layer, "digest")));
        }
        ObjectNode index = Json.object().put("schemaVersion", 2);
        ObjectNode descriptor = index.putArray("manifests")
                .addObject()
                .put("mediaType", Json.textAt(document, "mediaType"))
                .put("digest", digest)
                .put("size", manifest.length);
        if (!name.isEmpty()) {
            descriptor.putObject("annotations").put("io.containerd.image.name", name);
        }
        Files.write(root.resolve("index.json"), Json.bytes(index));
        return tar(root, to);
    }

    private static String blob(Path root, byte[] content) throws IOException {
        String digest = PauseImage.digest(content);
        Files.write(root.resolve("blobs/sha256").resolve(digest.substring(7)), content);
        return digest;
    }

    private static byte[] get(Registry registry, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + registry.host() + "/v2/" + path))
                .header("Accept", "application/vnd.docker.distribution.manifest.v2+json")
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            var answer = client.send(request, BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200) {
                throw new IOException(path + ": " + answer.statusCode());
            }
            return answer.body();
        }
    }

    /** GNU tar's archive of a directory's content. */
    static Path tar(Path root, Path to, String... options) throws Exception {
        run(root, "tar " + String.join(" ", options) + " -cf " + to + " *");
        return to;
    }

    static Path unpack(Path archive) throws Exception {
        Path root = Files.createDirectories(archive.resolveSibling(archive.getFileName() + ".x"));
        run(root, "tar -xf " + archive);
        return root;
    }

    static void run(Path directory, String script) throws Exception {
        Process process = new ProcessBuilder("sh", "-ec", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(script + ": " + said);
        }
    }

    /**
     * An archive of one image with one layer, made of files beside it.
     *
     * @param layer packed as it shall be in the archive
     * @param diffId of it unpacked; empty = what it is
     */
    static Path of(Path to, String name, byte[] layer, String diffId) throws IOException {
        ObjectNode config = Json.object().put("architecture", "amd64").put("os", "linux");
        config.putObject("config");
        config.putObject("rootfs")
                .put("type", "layers")
                .putArray("diff_ids")
                .add(diffId.isEmpty() ? PauseImage.digest(layer) : diffId);
        var manifest = Json.array();
        ObjectNode image = manifest.addObject().put("Config", "config.json");
        image.putArray("RepoTags").add(name);
        image.putArray("Layers").add("layer.tar");
        try (OutputStream out = Files.newOutputStream(to)) {
            TarWriter tar = new TarWriter(out);
            tar.file("config.json", 0444, Json.bytes(config));
            tar.file("layer.tar", 0444, layer);
            tar.file("manifest.json", 0444, Json.text(manifest).getBytes(StandardCharsets.UTF_8));
            tar.end();
        }
        return to;
    }

    static Optional<JsonNode> found(DockerEngine engine, String image) throws IOException {
        return new Engine(engine.socket()).find("/images/" + Engine.encode(image) + "/json");
    }
}
