package dev.selvage.containers;

/** Hears what an import does; often. */
@FunctionalInterface
public interface ImportProgress {
    /**
     * @param step checking, sending, unpacking
     * @param done of {@code all}, in bytes, or in layers while unpacking
     */
    void at(String step, long done, long all);
}
