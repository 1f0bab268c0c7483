package dev.selvage.control.frame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Stored;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An object came, changed or went. Parsed once for all who listen; they must not change the tree. */
public final class Change {
    private final ObjectKey key;
    private final @Nullable Stored before;
    private final @Nullable Stored now;
    private @Nullable ObjectNode parsed;

    Change(ObjectKey key, @Nullable Stored before, @Nullable Stored now) {
        this.key = key;
        this.before = before;
        this.now = now;
    }

    public ObjectKey key() {
        return key;
    }

    /** The uid of the object that came, changed or went. */
    public String uid() {
        Stored known = now != null ? now : before;
        return known == null ? "" : known.uid();
    }

    /** Whether a successor of the same name has taken the place of another object. */
    public Optional<String> replacedUid() {
        return before != null && now != null && !before.uid().equals(now.uid())
                ? Optional.of(before.uid())
                : Optional.empty();
    }

    /** Whether nothing changed: the object is told of again so that a forgotten one is healed. */
    public boolean resync() {
        return before != null && now != null && before.revision() == now.revision();
    }

    public boolean gone() {
        return now == null;
    }

    /** The object as it is now; empty when it has gone. */
    public synchronized Optional<ObjectNode> object() {
        if (parsed == null && now != null) {
            parsed = now.parse();
        }
        return Optional.ofNullable(parsed);
    }
}
