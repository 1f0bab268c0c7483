package dev.selvage.model;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Structural schemas (OpenAPI v3) of DeviceModel and Device. What one field alone can tell stands here; what takes two
 * fields or two objects stands in {@link DeviceRules}.
 */
final class DeviceSchemas {
    private static final String PROPERTY_NAME =
            "\"type\": \"string\", \"pattern\": \"^[a-zA-Z][a-zA-Z0-9_]*$\", \"maxLength\": 63";
    private static final String VALUE = """
            {"x-kubernetes-preserve-unknown-fields": true,
             "description": "A number, a boolean or a string, as the model says."}""";

    private DeviceSchemas() {}

    static ObjectNode deviceModel() {
        return Json.parseObject("""
            {"type": "object", "required": ["spec"],
             "description": "What devices of one type measure and do.",
             "properties": {
              "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
              "spec": {"type": "object", "required": ["properties"], "properties": {
               "displayName": {"type": "string", "maxLength": 256},
               "description": {"type": "string", "maxLength": 4096},
               "properties": {"type": "array", "minItems": 1, "maxItems": 1000,
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name", "type"], "properties": {
                 "name": {@NAME@, "description": "Also the column's name in stream SQL."},
                 "type": {"type": "string", "enum": ["number", "integer", "boolean", "string"]},
                 "unit": {"type": "string", "maxLength": 32, "description": "UCUM code, such as Cel."},
                 "access": {"type": "string", "enum": ["read", "readWrite"], "default": "read"},
                 "range": {"type": "object", "description": "What is physically possible; a value outside is Bad.",
                  "properties": {"min": {"type": "number"}, "max": {"type": "number"}}},
                 "description": {"type": "string", "maxLength": 1024}}}}}},
              "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}
            """.replace("@NAME@", PROPERTY_NAME));
    }

    static ObjectNode device() {
        return Json.parseObject("""
            {"type": "object", "required": ["spec"],
             "description": "A device of a model, bound to a node and to a protocol address.",
             "properties": {
              "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
              "spec": {"type": "object", "required": ["model", "properties"], "properties": {
               "model": {"type": "string", "minLength": 1, "maxLength": 253, "description": "Name of its DeviceModel."},
               "nodeName": {"type": "string", "maxLength": 253},
               "nodeSelector": {"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 32},
               "interval": {"type": "string", "default": "1s", "description": "Between two polls: 10ms to 1h."},
               "modbusTcp": {"type": "object", "required": ["host"], "properties": {
                "host": {"type": "string", "minLength": 1, "maxLength": 253},
                "port": {"type": "integer", "minimum": 1, "maximum": 65535, "default": 502},
                "unit": {"type": "integer", "minimum": 0, "maximum": 255, "default": 1},
                "timeout": {"type": "string", "default": "1s", "description": "For one answer: 10ms to 1m."}}},
               "properties": {"type": "array", "minItems": 1, "maxItems": 1000,
                "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"type": "object", "required": ["name"], "properties": {
                 "name": {@NAME@},
                 "modbusTcp": {"type": "object", "required": ["table", "address"], "properties": {
                  "table": {"type": "string", "enum": ["coil", "discrete", "input", "holding"]},
                  "address": {"type": "integer", "minimum": 0, "maximum": 65535, "description": "0-based, as on the wire."},
                  "type": {"type": "string", "enum": ["bool", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]},
                  "wordOrder": {"type": "string", "enum": ["highFirst", "lowFirst"], "default": "highFirst"},
                  "scale": {"type": "number", "default": 1}, "offset": {"type": "number", "default": 0}}},
                 "authority": {"type": "string", "default": "centre", "maxLength": 260,
                  "description": "The one writer: centre, site or stream/NAME."},
                 "failSafe": {"type": "object", "required": ["value", "after"],
                  "description": "Written once when the authority has been silent for so long.",
                  "properties": {"value": @VALUE@, "after": {"type": "string"}}},
                 "desired": {"type": "object", "required": ["value", "validUntil"],
                  "description": "Executed once for each pair of value and validUntil; authority centre only.",
                  "properties": {"value": @VALUE@, "validUntil": {"type": "string", "format": "date-time"}}}}}}}},
              "status": {"type": "object", "properties": {
               "conditions": {"type": "array", "maxItems": 16, "items": {"type": "object", "required": ["type", "status"],
                "properties": {"type": {"type": "string"}, "status": {"type": "string", "enum": ["True", "False", "Unknown"]},
                 "reason": {"type": "string"}, "message": {"type": "string"},
                 "observedGeneration": {"type": "integer", "format": "int64"},
                 "lastTransitionTime": {"type": "string", "format": "date-time"}}}},
               "properties": {"type": "array", "maxItems": 1000, "items": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string"}, "value": @VALUE@,
                "quality": {"type": "string", "enum": ["Good", "Uncertain", "Bad"]},
                "reason": {"type": "string", "description": "Why the quality is not Good."},
                "at": {"type": "string", "format": "date-time"},
                "write": {"type": "object", "properties": {"value": @VALUE@,
                 "by": {"type": "string", "description": "Who wrote: the authority, or fail-safe."},
                 "state": {"type": "string", "enum": ["Pending", "Confirmed", "Expired", "Failed", "Refused"]},
                 "message": {"type": "string"}, "at": {"type": "string", "format": "date-time"}}}}}}}}}}
            """.replace("@NAME@", PROPERTY_NAME).replace("@VALUE@", VALUE));
    }
}
