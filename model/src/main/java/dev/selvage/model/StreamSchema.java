package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Structural schema of the kind Stream. */
final class StreamSchema {
    private StreamSchema() {}

    static ObjectNode schema() {
        return Json.parseObject("""
            {"type": "object",
             "description": "A query over the readings of devices, in Flink's SQL, that runs on the nodes of those devices.",
             "required": ["spec"],
             "properties": {
              "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
              "spec": {"type": "object", "required": ["sql", "sink"], "properties": {
               "sql": {"type": "string", "minLength": 1, "maxLength": 16384,
                "description": "One SELECT over a DeviceModel as a table: columns device, ts and the model's properties."},
               "deviceSelector": {"type": "object",
                "description": "Which devices of the model in this namespace take part; all, when absent.",
                "properties": {
                 "matchLabels": {"type": "object", "additionalProperties": {"type": "string"}},
                 "matchExpressions": {"type": "array", "maxItems": 32, "items": {"type": "object",
                  "required": ["key", "operator"], "properties": {
                   "key": {"type": "string"},
                   "operator": {"type": "string", "enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
                   "values": {"type": "array", "maxItems": 64, "items": {"type": "string"}}}}}}},
               "sink": {"type": "object", "description": "Where the rows go: exactly one of uplink, property.",
                "properties": {
                 "uplink": {"type": "object", "description": "To telemetry; columns other than device, ts and window_* are the values.",
                  "properties": {"lane": {"type": "string", "enum": ["live", "alarm"], "default": "live"}}},
                 "property": {"type": "object",
                  "description": "Columns other than device, ts and window_* name writable properties of that device."}}}}},
              "status": {"type": "object", "properties": {
               "observedGeneration": {"type": "integer", "format": "int64"},
               "conditions": {"type": "array", "items": {"type": "object", "properties": {
                "type": {"type": "string"}, "status": {"type": "string"}, "reason": {"type": "string"},
                "message": {"type": "string"}, "lastTransitionTime": {"type": "string", "format": "date-time"},
                "observedGeneration": {"type": "integer", "format": "int64"}}}},
               "plan": {"type": "object", "description": "What the nodes run; versioned.",
                "x-kubernetes-preserve-unknown-fields": true},
               "nodes": {"type": "array", "items": {"type": "object", "properties": {
                "name": {"type": "string"}, "state": {"type": "string"}, "message": {"type": "string"}}}}}}}}
            """);
    }
}
