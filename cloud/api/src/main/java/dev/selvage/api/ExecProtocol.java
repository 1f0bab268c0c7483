package dev.selvage.api;

import java.util.List;
import java.util.Optional;

/**
 * Subprotocols of a command's WebSocket (kubernetes, apimachinery pkg/util/remotecommand/constants.go): the first byte of each binary message is its channel.
 */
enum ExecProtocol {
    /** As v4, and a channel can be closed: {@code 255, channel}. */
    V5("v5.channel.k8s.io"),
    V4("v4.channel.k8s.io");

    static final String NAMES = V5.label + " or " + V4.label;

    static final int STDIN = 0;
    static final int STDOUT = 1;
    static final int STDERR = 2;
    /** One Status at the end. */
    static final int ERROR = 3;
    /** {@code {"Width": 80, "Height": 25}} */
    static final int RESIZE = 4;
    /** Of v5; the second byte names the channel that is closed. */
    static final int CLOSE = 255;

    private final String label;

    ExecProtocol(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    static Optional<ExecProtocol> best(List<String> offered) {
        return List.of(values()).stream()
                .filter(known -> offered.contains(known.label))
                .findFirst();
    }
}
