package dev.selvage.workloads;

/**
 * One run of one container.
 *
 * @param attempt counts from 0; equals restartCount while it is the current one
 */
public record RunId(String podUid, String container, int attempt) {
    @Override
    public String toString() {
        return podUid + "/" + container + "/" + attempt;
    }
}
