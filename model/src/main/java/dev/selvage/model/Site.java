package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** A place where nodes stand. Its status counts the nodes labelled {@code selvage.dev/site: <name>}; nothing else hangs on it. */
public final class Site {
    static final ObjectNode SCHEMA = Json.parseObject("""
            {
              "type": "object",
              "description": "A place where nodes stand: a shop, a branch, a plant.",
              "properties": {
                "spec": {
                  "type": "object",
                  "properties": {
                    "displayName": {"type": "string", "maxLength": 200, "description": "Name for people."},
                    "address": {"type": "string", "maxLength": 500, "description": "Postal address."},
                    "location": {
                      "type": "object",
                      "description": "Where it is on the map (WGS 84).",
                      "required": ["latitude", "longitude"],
                      "properties": {
                        "latitude": {"type": "number", "minimum": -90, "maximum": 90, "description": "Degrees north."},
                        "longitude": {"type": "number", "minimum": -180, "maximum": 180, "description": "Degrees east."}
                      }
                    }
                  }
                },
                "status": {
                  "type": "object",
                  "properties": {
                    "nodes": {"type": "integer", "minimum": 0, "description": "Nodes of the site."},
                    "nodesReady": {"type": "integer", "minimum": 0, "description": "Those of them that are ready."}
                  }
                }
              }
            }
            """);

    private Site() {}

    /** Sets the counts; returns whether they changed. */
    public static boolean count(ObjectNode site, int nodes, int ready) {
        ObjectNode status = Json.child(site, "status");
        if (status.path("nodes").asInt(-1) == nodes && status.path("nodesReady").asInt(-1) == ready) {
            return false;
        }
        status.put("nodes", nodes).put("nodesReady", ready);
        return true;
    }
}
