package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.selvage.model.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The images of an archive, of which there are two forms: {@code docker save} (github.com/moby/docker-image-spec, v1.2:
 * manifest.json) and an OCI image layout (github.com/opencontainers/image-spec, image-layout.md: index.json). Newer engines
 * write both at once; then manifest.json counts.
 */
final class ArchiveImages {
    private static final int DEEPEST = 3;

    private final ArchiveLimits limits;
    private final ArchiveDocuments documents;
    private final String architecture;

    private ArchiveImages(ArchiveScan scan, ArchiveLimits limits, String architecture) {
        this.limits = limits;
        this.documents = new ArchiveDocuments(scan, limits);
        this.architecture = architecture;
    }

    /**
     * @param architecture of this node, in Go's words; empty = not known, any is taken
     * @throws ArchiveException that names document, field, found and accepted
     */
    static List<ArchivedImage> of(ArchiveScan scan, ArchiveLimits limits, String architecture) throws ArchiveException {
        ArchiveImages reader = new ArchiveImages(scan, limits, architecture);
        Optional<ArchivePart> manifest = scan.find("manifest.json");
        Optional<ArchivePart> index = scan.find("index.json");
        if (manifest.isEmpty() && index.isEmpty()) {
            throw new ArchiveException(
                    "",
                    "has neither manifest.json (\"docker save\") nor index.json (OCI layout): it is no image archive");
        }
        List<ArchivedImage> images = manifest.isPresent() ? reader.saved(manifest.get()) : reader.layout(index.get());
        if (images.isEmpty()) {
            throw new ArchiveException(manifest.isPresent() ? "manifest.json" : "index.json", "names no image");
        }
        for (ArchivedImage image : images) {
            reader.runsHere(
                    image.architecture(),
                    image.names().isEmpty() ? image.id() : image.names().getFirst());
        }
        return images;
    }

    private void runsHere(String its, String image) throws ArchiveException {
        if (!fits(its)) {
            throw new ArchiveException(
                    "image \"" + image + "\"", "is for architecture %s, this node has %s".formatted(its, architecture));
        }
    }

    private boolean fits(String its) {
        return architecture.isEmpty() || its.isEmpty() || its.equals(architecture) || Architectures.emulated(its);
    }

    private List<ArchivedImage> saved(ArchivePart manifest) throws ArchiveException {
        JsonNode list = ArchiveDocuments.json(manifest, "manifest.json");
        if (!list.isArray()) {
            throw new ArchiveException("manifest.json", "accepted is an array of images");
        }
        bounded(list, "manifest.json", limits.images());
        List<ArchivedImage> images = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String where = "manifest.json: [" + i + "]";
            JsonNode image = list.get(i);
            bounded(image.path("Layers"), where + ".Layers", limits.layers());
            List<ArchivePart> layers = new ArrayList<>();
            for (int l = 0; l < image.path("Layers").size(); l++) {
                layers.add(documents.part(image.path("Layers").get(l).asText(), where + ".Layers[" + l + "]"));
            }
            List<String> names = new ArrayList<>();
            image.path("RepoTags").forEach(t -> names.add(t.asText()));
            images.add(documents.image(
                    names, documents.part(Json.textAt(image, "Config"), where + ".Config"), layers, where));
        }
        return images;
    }

    private static void bounded(JsonNode list, String where, int most) throws ArchiveException {
        if (list.size() > most) {
            throw new ArchiveException(where, "%d entries: accepted are at most %d".formatted(list.size(), most));
        }
    }

    private List<ArchivedImage> layout(ArchivePart index) throws ArchiveException {
        List<ArchivedImage> images = new ArrayList<>();
        Set<String> others = new TreeSet<>();
        JsonNode document = ArchiveDocuments.json(index, "index.json");
        bounded(document.path("manifests"), "index.json: manifests", limits.images());
        for (JsonNode descriptor : document.path("manifests")) {
            descend(descriptor, name(descriptor), 0, images, others);
        }
        if (images.isEmpty() && !others.isEmpty()) {
            throw new ArchiveException(
                    "index.json",
                    "the image is for architecture %s, this node has %s"
                            .formatted(String.join(", ", others), architecture));
        }
        return images;
    }

    /** containerd's annotation has the whole name; that of the specification may be a tag only. */
    private static String name(JsonNode descriptor) {
        String whole = Json.textAt(descriptor, "annotations", "io.containerd.image.name");
        String other = Json.textAt(descriptor, "annotations", "org.opencontainers.image.ref.name");
        return whole.isEmpty() && (other.contains(":") || other.contains("/")) ? other : whole;
    }

    private void descend(JsonNode descriptor, String name, int depth, List<ArchivedImage> images, Set<String> others)
            throws ArchiveException {
        String platform = Json.textAt(descriptor, "platform", "architecture");
        if (platform.equals("unknown")) {
            return; // an attestation, which no engine runs
        }
        if (!platform.isEmpty() && !fits(platform)) {
            others.add(platform);
            return;
        }
        String where = "manifest " + Json.textAt(descriptor, "digest");
        JsonNode document = ArchiveDocuments.json(blob(descriptor, where), where);
        if (!document.path("manifests").isArray()) {
            images.add(image(document, name, where));
            return;
        }
        if (depth == DEEPEST) {
            throw new ArchiveException(where, "an index in an index, more than %d deep".formatted(DEEPEST));
        }
        bounded(document.path("manifests"), where + ": manifests", limits.images());
        for (JsonNode below : document.path("manifests")) {
            if (images.size() >= limits.images()) {
                throw new ArchiveException(
                        where, "more than the %d images that are accepted".formatted(limits.images()));
            }
            descend(below, name, depth + 1, images, others);
        }
    }

    private ArchivedImage image(JsonNode manifest, String name, String where) throws ArchiveException {
        bounded(manifest.path("layers"), where + ": layers", limits.layers());
        List<ArchivePart> layers = new ArrayList<>();
        for (JsonNode layer : manifest.path("layers")) {
            layers.add(blob(layer, where + ": layers"));
        }
        return documents.image(
                name.isEmpty() ? List.of() : List.of(name),
                blob(manifest.path("config"), where + ": config"),
                layers,
                where);
    }

    /** A descriptor's content (image-spec, descriptor.md): of the digest and of the size that it says. */
    private ArchivePart blob(JsonNode descriptor, String where) throws ArchiveException {
        String digest = Json.textAt(descriptor, "digest");
        if (!digest.matches("sha256:[0-9a-f]{64}")) {
            throw new ArchiveException(where, "digest: found \"%s\", accepted is sha256:HEX".formatted(digest));
        }
        ArchivePart part = documents.part("blobs/sha256/" + digest.substring(7), where);
        if (descriptor.path("size").asLong(-1) != part.size()) {
            throw new ArchiveException(
                    where, "size: found %s, the content has %d".formatted(descriptor.path("size"), part.size()));
        }
        return part;
    }
}
