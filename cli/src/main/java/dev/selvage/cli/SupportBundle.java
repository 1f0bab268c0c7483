package dev.selvage.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A zip file of redacted texts, readable by its owner only, bounded in each text and in all. */
final class SupportBundle implements AutoCloseable {
    static final int MAX_TEXT = 4 << 20;
    private static final int MAX_ALL = 64 << 20;

    /** Something that is put into the bundle, if it can be had. */
    interface Source {
        String text() throws IOException;
    }

    private final ZipOutputStream zip;
    private final Redactor redactor;
    private final List<String> had = new ArrayList<>();
    private final List<String> missed = new ArrayList<>();
    private int left = MAX_ALL;

    SupportBundle(Path file, Redactor redactor) {
        this.redactor = redactor;
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            OutputStream out = Files.newOutputStream(file);
            this.zip = new ZipOutputStream(out);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailed(file + " exists already. Name another file", e);
        } catch (IOException e) {
            throw new CommandFailed(
                    "cannot write " + file + ": " + e.getClass().getSimpleName() + ": " + e.getMessage(), e);
        }
    }

    /** Adds a text, or notes why it cannot be had. */
    void add(String name, Source source) {
        try {
            String text = source.text();
            write(name, redactor.text(text));
        } catch (CommandFailed e) {
            missed.add(name + ": " + redactor.text(String.valueOf(e.getMessage())));
        } catch (IOException | RuntimeException e) {
            missed.add(name + ": " + redactor.text(e.getClass().getSimpleName() + ": " + e.getMessage()));
        }
    }

    void missed(String what) {
        missed.add(redactor.text(what));
    }

    private void write(String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int size = Math.min(bytes.length, Math.min(MAX_TEXT, left));
        if (size < bytes.length) {
            missed.add(name + ": only the first " + size + " of " + bytes.length + " bytes");
        }
        left -= size;
        zip.putNextEntry(new ZipEntry(name));
        zip.write(Arrays.copyOf(bytes, size));
        zip.closeEntry();
        had.add(name + ", " + size + " bytes");
    }

    List<String> had() {
        return List.copyOf(had);
    }

    List<String> missed() {
        return List.copyOf(missed);
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
