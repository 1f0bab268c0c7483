package dev.selvage.workloads;

/** What a container needs to be told is not there: an object, a key, a field. The message is upstream's. */
final class MissingConfigException extends Exception {
    MissingConfigException(String message) {
        super(message);
    }
}
