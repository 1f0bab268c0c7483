package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.DeviceReading;
import dev.selvage.model.ObjectKey;

/**
 * Hears what devices do. Called from connection threads, for one device never twice at once; must not block for long and
 * may call {@link Devices#write}.
 */
public interface DeviceListener {
    /** Each poll that brought at least one good value. */
    void reading(DeviceReading reading);

    /**
     * The Device's whole status: when a quality, the connection or a write changed, otherwise at most once a minute.
     * The listener may keep the node.
     */
    void status(ObjectKey key, String uid, ObjectNode status);

    /** Something a person may want to know of: a device lost or back, a fail-safe applied, a write that failed. */
    default void event(ObjectKey key, String uid, String type, String reason, String message) {}

    /** A file of the devices was damaged and is set aside, in words. */
    default void damaged(String what) {}
}
