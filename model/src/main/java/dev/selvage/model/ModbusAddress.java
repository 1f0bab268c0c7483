package dev.selvage.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;

/**
 * Where a property lies on a Modbus device and how its raw value becomes the property's: {@code raw * scale + offset}.
 *
 * @param address 0-based, as on the wire
 * @param lowWordFirst whether the least significant register comes first ({@code wordOrder: lowFirst})
 */
public record ModbusAddress(
        ModbusTable table, int address, ModbusType type, boolean lowWordFirst, BigDecimal scale, BigDecimal offset) {
    /** Addresses are 16 bits wide (Modbus Application Protocol 1.1b3, section 4.4). */
    public static final int MAX_ADDRESS = 0xFFFF;

    /** The first address behind this value. */
    public int end() {
        return address + (table.bits() ? 1 : type.registers());
    }

    /** Whether raw values are the property's values. */
    public boolean plain() {
        return scale.compareTo(BigDecimal.ONE) == 0 && offset.signum() == 0;
    }

    /** Reads a block that {@link #check} has accepted. */
    public static ModbusAddress of(JsonNode block) {
        ModbusTable table = ModbusTable.of(Json.textAt(block, "table")).orElse(ModbusTable.HOLDING);
        return new ModbusAddress(
                table,
                block.path("address").asInt(),
                ModbusType.of(type(block, table)).orElse(ModbusType.UINT16),
                Json.textAt(block, "wordOrder").equals("lowFirst"),
                decimal(block, "scale", BigDecimal.ONE),
                decimal(block, "offset", BigDecimal.ZERO));
    }

    private static String type(JsonNode block, ModbusTable table) {
        return block.path("type").asText(table.bits() ? "bool" : "uint16");
    }

    private static BigDecimal decimal(JsonNode block, String field, BigDecimal otherwise) {
        JsonNode node = block.path(field);
        return node.isNumber() && Double.isFinite(node.doubleValue()) ? node.decimalValue() : otherwise;
    }

    /**
     * Adds what is wrong with a block to {@code errors}.
     *
     * @param path path of the block, {@code spec.properties[0].modbusTcp}
     * @param property what the model says of the property
     */
    public static void check(JsonNode block, String path, ModelProperty property, List<FieldError> errors) {
        String label = Json.textAt(block, "table");
        ModbusTable table = ModbusTable.of(label).orElse(null);
        if (table == null) {
            errors.add(new FieldError(path + ".table", found(block.path("table")), "coil, discrete, input or holding"));
            return;
        }
        ModbusType type = ModbusType.of(type(block, table)).orElse(null);
        if (type == null) {
            errors.add(new FieldError(path + ".type", found(block.path("type")), "one of " + ModbusType.labels()));
            return;
        }
        checkType(block, path, table, type, property, errors);
        checkAddress(block.path("address"), path, table, type, errors);
        checkNumber(block, path, "scale", true, errors);
        checkNumber(block, path, "offset", false, errors);
        String order = block.path("wordOrder").asText("highFirst");
        if (!order.equals("highFirst") && !order.equals("lowFirst")) {
            errors.add(new FieldError(path + ".wordOrder", order, "highFirst or lowFirst"));
        }
    }

    private static void checkType(
            JsonNode block,
            String path,
            ModbusTable table,
            ModbusType type,
            ModelProperty property,
            List<FieldError> errors) {
        if (table.bits() && type != ModbusType.BOOL) {
            errors.add(new FieldError(path + ".type", type.label(), "bool in the table " + table.label()));
        }
        boolean fits = switch (property.type()) {
            case BOOLEAN -> type == ModbusType.BOOL;
            case NUMBER, INTEGER -> type != ModbusType.BOOL;
            case STRING -> false;
        };
        if (!fits) {
            errors.add(new FieldError(
                    path + ".type",
                    type(block, table),
                    "a type that carries the " + property.type().label() + " of property " + property.name()
                            + " (bool for boolean, another for number and integer; Modbus carries no string)"));
        }
        if (property.writable() && !table.writable()) {
            errors.add(new FieldError(
                    path + ".table",
                    table.label(),
                    "coil or holding, because the model makes " + property.name() + " writable"));
        }
    }

    private static void checkAddress(
            JsonNode node, String path, ModbusTable table, ModbusType type, List<FieldError> errors) {
        int last = MAX_ADDRESS + 1 - (table.bits() ? 1 : type.registers());
        if (!node.isInt() || node.intValue() < 0 || node.intValue() > last) {
            String width = last == MAX_ADDRESS
                    ? ""
                    : ", because " + type.label() + " takes " + type.registers() + " registers";
            errors.add(new FieldError(path + ".address", found(node), "a whole number from 0 to " + last + width));
        }
    }

    private static void checkNumber(
            JsonNode block, String path, String field, boolean notZero, List<FieldError> errors) {
        JsonNode node = block.path(field);
        if (node.isMissingNode()) {
            return;
        }
        boolean ok = node.isNumber() && Double.isFinite(node.doubleValue()) && Math.abs(node.doubleValue()) <= 1e15;
        if (!ok || (notZero && node.decimalValue().signum() == 0)) {
            errors.add(new FieldError(
                    path + "." + field, found(node), "a number from -1e15 to 1e15" + (notZero ? " except 0" : "")));
        }
    }

    private static String found(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.isTextual() ? node.asText() : node.toString();
    }
}
