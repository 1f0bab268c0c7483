package dev.selvage.containers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Reads an archive once from end to end and tells what is in it, by name. Nothing is written; memory holds its JSON documents
 * only. What could harm the machine that unpacks it is refused here.
 */
final class ArchiveScan {
    private static final int BUFFER = 64 << 10;
    private static final int MOST_HOPS = 5;

    private final ArchiveLimits limits;
    private final Map<String, ArchivePart> parts = new LinkedHashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private long unpacked;
    private int documents;

    private ArchiveScan(ArchiveLimits limits) {
        this.limits = limits;
    }

    /** @throws ArchiveException that names entry, found and accepted */
    static ArchiveScan of(ArchiveFile archive, ArchiveLimits limits) throws IOException {
        ArchiveScan scan = new ArchiveScan(limits);
        TarReader reader = archive.entries();
        int number = 0;
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            if (++number > limits.entries()) {
                throw new ArchiveException(
                        "", "has more than the %d entries that are accepted".formatted(limits.entries()));
            }
            scan.take(entry.get(), number, reader.content());
        }
        if (scan.parts.isEmpty()) {
            throw new ArchiveException("", "has no files: accepted is what \"docker save\" writes, or an OCI layout");
        }
        return scan;
    }

    private void take(TarEntry entry, int number, InputStream content) throws IOException {
        String name = entry.plainName();
        String where = "entry %d \"%s\"".formatted(number, shown(name));
        if (name.startsWith("/")
                || TarEntry.leadsOut(name)
                || name.contains("/../")
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new ArchiveException(
                    where, "its name leads out of the archive: accepted: relative names without \"..\"");
        }
        if (entry.isLink()) {
            link(entry, name, where);
        } else if (entry.isFile()) {
            if (entry.realSize() > entry.size()) {
                throw new ArchiveException(
                        where, "is a sparse file of %d bytes: accepted: plain files".formatted(entry.realSize()));
            }
            add(entry.size(), where);
            try {
                if (parts.put(name, part(name, entry.size(), content)) != null) {
                    throw new ArchiveException("", "comes twice");
                }
            } catch (ArchiveException e) {
                throw new ArchiveException(where, String.valueOf(e.getMessage()));
            }
        } else if (entry.type() != '5') {
            throw new ArchiveException(
                    where, "is of type '%c': accepted: files, directories and links".formatted(entry.type()));
        }
    }

    private void link(TarEntry entry, String name, String where) throws ArchiveException {
        int slash = name.lastIndexOf('/');
        String base = entry.type() == '2' && slash >= 0 ? name.substring(0, slash + 1) : "";
        String target = base + entry.link();
        if (entry.link().startsWith("/")
                || TarEntry.leadsOut(target)
                || target.chars().anyMatch(Character::isISOControl)) {
            throw new ArchiveException(where, "links to \"%s\", out of the archive".formatted(shown(entry.link())));
        }
        links.put(name, java.nio.file.Path.of(target).normalize().toString());
    }

    private static String shown(String name) {
        String visible = name.replaceAll("\\p{Cntrl}", "?");
        return visible.length() <= 100 ? visible : visible.substring(0, 100) + "…";
    }

    private void add(long bytes, String where) throws ArchiveException {
        unpacked += bytes;
        if (unpacked > limits.bytes()) {
            throw new ArchiveException(
                    where, "the archive unpacks to more than the %d bytes that are accepted".formatted(limits.bytes()));
        }
    }

    private ArchivePart part(String name, long size, InputStream content) throws IOException {
        DigestInput raw = new DigestInput(content);
        BufferedInputStream buffered = new BufferedInputStream(raw, BUFFER);
        buffered.mark(1);
        int first = buffered.read();
        buffered.reset();
        if ((first == '{' || first == '[') && size <= limits.document()) {
            documents += (int) size;
            if (documents > limits.documents()) {
                throw new ArchiveException(
                        "",
                        "the archive's JSON documents are larger than the %d bytes that are accepted"
                                .formatted(limits.documents()));
            }
            byte[] document = buffered.readAllBytes();
            return new ArchivePart(
                    name, size, raw.hex(), Optional.of(document), new ArchivePart.Layer("", 0, "is a JSON document"));
        }
        Optional<String> compression = ArchiveFile.compression(buffered);
        if (compression.isEmpty()) {
            Contents contents = contents(buffered);
            raw.drain();
            String digest = raw.hex();
            return new ArchivePart(
                    name,
                    size,
                    digest,
                    Optional.empty(),
                    new ArchivePart.Layer(digest, contents.bytes(), contents.problem()));
        }
        if (!compression.get().equals("gzip")) {
            raw.drain();
            String problem = "is compressed by %s: accepted: not at all, or gzip".formatted(compression.get());
            return new ArchivePart(name, size, raw.hex(), Optional.empty(), new ArchivePart.Layer("", 0, problem));
        }
        return compressed(name, size, raw, buffered);
    }

    private ArchivePart compressed(String name, long size, DigestInput raw, BufferedInputStream buffered)
            throws IOException {
        ArchivePart.Layer layer;
        try {
            DigestInput inflated =
                    new DigestInput(new BoundedInflation(new GZIPInputStream(buffered, BUFFER), raw::count, limits));
            Contents contents = contents(new BufferedInputStream(inflated, BUFFER));
            inflated.drain();
            layer = new ArchivePart.Layer(inflated.hex(), contents.bytes(), contents.problem());
        } catch (java.util.zip.ZipException | java.io.EOFException e) {
            layer = new ArchivePart.Layer(
                    "", 0, String.valueOf(ArchiveFile.explained(e).getMessage()));
        }
        raw.drain();
        return new ArchivePart(name, size, raw.hex(), Optional.empty(), layer);
    }

    private record Contents(long bytes, String problem) {}

    /** The files of a layer, counted, if it is one: an archive holds other things too. */
    private Contents contents(InputStream in) throws IOException {
        TarReader reader = new TarReader(in);
        long bytes = 0;
        int number = 0;
        while (true) {
            Optional<TarEntry> entry;
            try {
                entry = reader.next();
            } catch (ArchiveException e) {
                return new Contents(bytes, String.valueOf(e.getMessage()));
            }
            if (entry.isEmpty()) {
                return new Contents(bytes, "");
            }
            if (++number > limits.layerEntries()) {
                throw new ArchiveException(
                        "", "is a layer of more than the %d files that are accepted".formatted(limits.layerEntries()));
            }
            if (TarEntry.leadsOut(entry.get().name())) {
                throw new ArchiveException(
                        "",
                        "is a layer with the file \"%s\", which leads out of the image"
                                .formatted(shown(entry.get().name())));
            }
            bytes += entry.get().realSize();
            add(entry.get().realSize(), "its file \"" + shown(entry.get().name()) + "\"");
        }
    }

    /** A file, also by the name of a link to it. */
    Optional<ArchivePart> find(String name) {
        String at = name.startsWith("./") ? name.substring(2) : name;
        for (int hop = 0; hop < MOST_HOPS && links.containsKey(at); hop++) {
            at = links.getOrDefault(at, at);
        }
        return Optional.ofNullable(parts.get(at));
    }

    Iterable<ArchivePart> parts() {
        return parts.values();
    }
}
