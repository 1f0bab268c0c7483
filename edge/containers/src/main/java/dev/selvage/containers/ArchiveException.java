package dev.selvage.containers;

import java.io.IOException;

/** An image archive is not what it has to be: says where, what was found and what is accepted. */
final class ArchiveException extends IOException {
    /** @param where an entry of the archive, with the field where there is one */
    ArchiveException(String where, String problem) {
        super(where.isEmpty() ? problem : where + ": " + problem);
    }
}
