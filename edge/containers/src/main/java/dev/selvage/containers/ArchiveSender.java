package dev.selvage.containers;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes images as {@code docker save} does, out of an archive of either form: nothing of it reaches the engine but the layers
 * that were checked, under names of ours.
 */
final class ArchiveSender {
    private final List<ArchivedImage> images;
    /** Layers that are still to be sent, by their name in the archive. */
    private final Map<String, ArchivePart> wanted = new HashMap<>();

    ArchiveSender(List<ArchivedImage> images) {
        this.images = images;
        Map<String, ArchivePart> once = new LinkedHashMap<>();
        images.forEach(i -> i.layers().forEach(l -> once.putIfAbsent(l.digest(), l)));
        once.values().forEach(l -> wanted.put(l.name(), l));
    }

    /** What the engine will hold before it unpacks anything. */
    long bytes() {
        return wanted.values().stream().mapToLong(ArchivePart::size).sum();
    }

    void send(ArchiveFile archive, OutputStream out) throws IOException {
        TarWriter tar = new TarWriter(out);
        TarReader reader = archive.entries();
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            ArchivePart layer = entry.get().isFile() ? wanted.remove(entry.get().plainName()) : null;
            if (layer != null) {
                if (layer.size() != entry.get().size()) {
                    throw changed(layer.name());
                }
                tar.file(layerName(layer), layer.size(), reader.content());
            }
        }
        if (!wanted.isEmpty()) {
            throw changed(wanted.keySet().iterator().next());
        }
        documents(tar);
        tar.end();
    }

    private static ArchiveException changed(String name) {
        return new ArchiveException(
                "", "has changed while it was imported: \"%s\" is another than before".formatted(name));
    }

    private void documents(TarWriter tar) throws IOException {
        Map<String, byte[]> configs = new LinkedHashMap<>();
        ArrayNode manifest = Json.array();
        for (ArchivedImage image : images) {
            String config = image.config().digest() + ".json";
            configs.put(config, image.config().document().orElseThrow());
            ObjectNode entry = manifest.addObject().put("Config", config);
            ArrayNode names = entry.putArray("RepoTags");
            image.names().forEach(names::add);
            ArrayNode layers = entry.putArray("Layers");
            image.layers().forEach(l -> layers.add(layerName(l)));
        }
        for (Map.Entry<String, byte[]> config : configs.entrySet()) {
            tar.file(config.getKey(), 0444, config.getValue());
        }
        tar.file("manifest.json", 0444, Json.text(manifest).getBytes(StandardCharsets.UTF_8));
    }

    private static String layerName(ArchivePart layer) {
        return layer.digest() + ".tar";
    }
}
