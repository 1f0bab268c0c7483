package dev.selvage.session;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.ObjectKey;

/** The status that the node observes of one object; a later one for the same object replaces it. */
public record StatusReport(ObjectKey key, String uid, ObjectNode status) {}
