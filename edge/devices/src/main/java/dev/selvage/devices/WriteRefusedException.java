package dev.selvage.devices;

import java.io.IOException;

/** The device, or the encoding, does not take a value; the connection is fine. The message is shown to people. */
public final class WriteRefusedException extends IOException {
    public WriteRefusedException(String message) {
        super(message);
    }
}
