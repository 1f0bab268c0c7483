package dev.selvage.agent;

/** The operator's input cannot be used; the message says what was found, where, and what is accepted. */
final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigException(String message) {
        super(message);
    }

    ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
