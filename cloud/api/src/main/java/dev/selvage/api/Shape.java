package dev.selvage.api;

import java.util.List;

/** In which form objects are wanted: as they are, as a table for people, or their metadata only. */
enum Shape {
    OBJECT,
    TABLE,
    METADATA;

    static Shape of(Exchange exchange) {
        List<Media> accepted = Media.accepted(exchange.header("Accept"));
        for (Media media : accepted) {
            if (media.is("Table", "meta.k8s.io") && version(media)) {
                return TABLE;
            }
            if ((media.is("PartialObjectMetadata", "meta.k8s.io")
                            || media.is("PartialObjectMetadataList", "meta.k8s.io"))
                    && version(media)) {
                return METADATA;
            }
            boolean plain = media.type().equals("*/*") || media.type().equals("application/json");
            if (plain && media.parameter("as").isEmpty()) {
                return OBJECT;
            }
        }
        return OBJECT;
    }

    private static boolean version(Media media) {
        return media.parameter("v").equals("v1") || media.parameter("v").equals("v1beta1");
    }
}
