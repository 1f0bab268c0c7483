package dev.selvage.agent;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.model.ObjectKey;
import dev.selvage.streams.StreamListener;
import dev.selvage.streams.StreamState;
import java.util.function.Consumer;

/** How a stream fares on this node: its entry of the Stream's {@code status.nodes}, to which the hub adds the node's name. */
record StreamReports(Statuses statuses, Consumer<String> faults) implements StreamListener {
    @Override
    public void state(ObjectKey key, String uid, StreamState state, String message) {
        ObjectNode status = Json.object().put("state", state.label()).put("message", message);
        statuses.report(key, uid, status);
    }

    @Override
    public void damaged(String what) {
        faults.accept(what + "; windows that were open are partial");
    }
}
