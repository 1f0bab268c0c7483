package dev.selvage.streams;

import dev.selvage.model.ObjectKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was said last of each stream, so that the listener hears changes only. */
final class States {
    record Said(String uid, StreamState state, String message) {}

    private final StreamListener listener;
    private final Map<ObjectKey, Said> last = new HashMap<>();

    States(StreamListener listener) {
        this.listener = listener;
    }

    synchronized void say(ObjectKey key, String uid, StreamState state, String message) {
        Said said = new Said(uid, state, message);
        if (!said.equals(last.put(key, said))) {
            listener.state(key, uid, state, message);
        }
    }

    synchronized Said of(ObjectKey key) {
        @Nullable Said said = last.get(key);
        return said == null ? new Said("", StreamState.RUNNING, "") : said;
    }

    synchronized void keep(Set<ObjectKey> keys) {
        last.keySet().retainAll(new HashSet<>(keys));
    }
}
