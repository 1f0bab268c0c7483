package dev.selvage.api;

/** The client left before its answer was written; nobody is there to be told. */
final class ClientGoneException extends RuntimeException {
    ClientGoneException(Throwable cause) {
        super("the client is gone", cause, false, false);
    }
}
