package dev.selvage.control.frame;

import java.time.Duration;

/** What a reconciliation asks for: nothing more, or another look later. */
public sealed interface Next {
    Next DONE = new Done();

    record Done() implements Next {}

    record After(Duration delay) implements Next {}

    static Next after(Duration delay) {
        return new After(delay);
    }
}
