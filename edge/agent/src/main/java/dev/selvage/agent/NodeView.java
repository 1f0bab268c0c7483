package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.agent.Tokens.Caller;
import java.util.Optional;

/** What the loopback API shows and does; a caller never sees another tenant's things. */
interface NodeView {
    /** Everything at a glance. */
    ObjectNode status(Caller caller);

    ArrayNode pods(Caller caller);

    ArrayNode devices(Caller caller);

    Optional<ObjectNode> device(Caller caller, String namespace, String name);

    ArrayNode streams(Caller caller);

    ObjectNode lanes();

    ObjectNode health();

    /** {@code {"ready": …, "parts": {…}, "linked": …}} */
    ObjectNode ready();

    /** The node's figures in Prometheus' text format. */
    String metrics();

    /**
     * A write by the site's own people.
     *
     * @param body {@code {"value": …, "validFor": "5s"}}
     * @return {@code {"state": …, "message": …}}
     */
    ObjectNode write(String namespace, String device, String property, ObjectNode body) throws InterruptedException;
}
