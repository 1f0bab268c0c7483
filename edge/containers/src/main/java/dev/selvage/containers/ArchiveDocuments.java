package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.JsonException;
import java.util.ArrayList;
import java.util.List;

/** What the two forms of an archive have in common: JSON documents, and the config of an image with its layers. */
final class ArchiveDocuments {
    private final ArchiveScan scan;
    private final ArchiveLimits limits;

    ArchiveDocuments(ArchiveScan scan, ArchiveLimits limits) {
        this.scan = scan;
        this.limits = limits;
    }

    /** @param where the field that names the file */
    ArchivePart part(String name, String where) throws ArchiveException {
        ArchivePart part = scan.find(name)
                .orElseThrow(
                        () -> new ArchiveException(where, "found \"%s\", which is not in the archive".formatted(name)));
        String named = name.substring(name.lastIndexOf('/') + 1).replaceAll("\\.(json|tar|tar\\.gz)$", "");
        boolean digest = named.matches("[0-9a-f]{64}") && (name.startsWith("blobs/sha256/") || name.endsWith(".json"));
        if (digest && !named.equals(part.digest())) {
            throw new ArchiveException(
                    where, "found \"%s\", whose content has the digest %s".formatted(name, part.digest()));
        }
        return part;
    }

    /** A document: an object or an array. */
    static JsonNode json(ArchivePart part, String where) throws ArchiveException {
        byte[] document = part.document()
                .orElseThrow(() -> new ArchiveException(where, "\"%s\" is no JSON document".formatted(part.name())));
        try {
            return document[0] == '{' ? Json.parseObject(document) : Json.parseArray(document);
        } catch (JsonException e) {
            throw new ArchiveException(where, "\"%s\" is no JSON: %s".formatted(part.name(), e.getMessage()));
        }
    }

    /**
     * @param names not yet looked at
     * @param where the image in its document
     */
    ArchivedImage image(List<String> names, ArchivePart config, List<ArchivePart> layers, String where)
            throws ArchiveException {
        JsonNode document = json(config, where + ".Config");
        if (!(document instanceof ObjectNode)) {
            throw new ArchiveException(where + ".Config", "\"%s\" is no JSON object".formatted(config.name()));
        }
        String os = Json.textAt(document, "os");
        if (!os.equals("linux")) {
            throw new ArchiveException(config.name() + ": os", "found \"%s\", accepted is \"linux\"".formatted(os));
        }
        if (layers.size() > limits.layers()) {
            throw new ArchiveException(
                    where, "%d layers: accepted are at most %d".formatted(layers.size(), limits.layers()));
        }
        JsonNode diffIds = document.path("rootfs").path("diff_ids");
        if (diffIds.size() != layers.size()) {
            throw new ArchiveException(
                    config.name() + ": rootfs.diff_ids",
                    "found %d, accepted are as many as there are layers: %d".formatted(diffIds.size(), layers.size()));
        }
        for (int i = 0; i < layers.size(); i++) {
            layer(layers.get(i), diffIds.path(i).asText(), config.name() + ": rootfs.diff_ids[" + i + "]");
        }
        List<String> references = new ArrayList<>();
        for (String name : names) {
            references.add(reference(name, where));
        }
        return new ArchivedImage(references, config, Json.textAt(document, "architecture"), layers);
    }

    private static void layer(ArchivePart part, String wanted, String where) throws ArchiveException {
        ArchivePart.Layer layer = part.layer();
        if (!layer.problem().isEmpty()) {
            throw new ArchiveException("layer \"" + part.name() + "\"", layer.problem());
        }
        if (!wanted.equals("sha256:" + layer.diffId())) {
            throw new ArchiveException(
                    where,
                    "found %s, but the content of layer \"%s\" has the digest sha256:%s"
                            .formatted(wanted, part.name(), layer.diffId()));
        }
    }

    static String reference(String name, String where) throws ArchiveException {
        try {
            ImageName parsed = ImageName.parse(name);
            if (!parsed.digest().isEmpty()) {
                throw new ArchiveException(where, "name \"%s\": accepted is REPOSITORY:TAG".formatted(name));
            }
            String familiar = parsed.familiar();
            if (familiar.equals(PauseImage.NAME)) {
                throw new ArchiveException(where, "name \"%s\": is the agent's own image".formatted(name));
            }
            return familiar;
        } catch (IllegalArgumentException e) {
            throw new ArchiveException(where, "name \"%s\": accepted is REPOSITORY:TAG".formatted(name));
        }
    }
}
