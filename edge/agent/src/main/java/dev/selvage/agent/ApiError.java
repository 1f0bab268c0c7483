package dev.selvage.agent;

/** A request of the loopback API that is answered with an error. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    ApiError(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    int code() {
        return code;
    }
}
