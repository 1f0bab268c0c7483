package dev.selvage.containers;

import java.io.IOException;

/** The engine cannot be reached, or did not answer in time: whether it did what was asked is not known. */
final class EngineAwayException extends IOException {
    EngineAwayException(String message, IOException cause) {
        super(message, cause);
    }
}
