package dev.selvage.backup;

/** Hears how far a backup or a restore is: often while a table is under way, and once when it is done. */
public interface Listener {
    /** @param rows of the table so far; of a restore it is known at the end */
    void table(String table, long rows, long bytes, boolean done);
}
