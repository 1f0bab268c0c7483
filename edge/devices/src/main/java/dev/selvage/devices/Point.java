package dev.selvage.devices;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.PropertyType;

/**
 * One value of a device as a driver sees it.
 *
 * @param address the property's protocol block
 */
public record Point(String property, PropertyType type, ObjectNode address) {}
