package dev.selvage.drivers.modbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.devices.WriteRefusedException;
import dev.selvage.model.Json;
import dev.selvage.model.ModbusAddress;
import dev.selvage.model.PropertyType;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers to values and back, exactly. */
class RegisterCodecTest {
    @ParameterizedTest
    @CsvSource({
        "int16,  highFirst, 1,    0,    0039,             57.0",
        "int16,  highFirst, 0.01, 0,    0039,             0.57",
        "int16,  highFirst, 0.01, 0,    8000,             -327.68",
        "int16,  highFirst, 0.1,  -40,  01A4,             2.0",
        "int16,  highFirst, -2,   1,    0003,             -5.0",
        "uint16, highFirst, 1,    0,    FFFF,             65535.0",
        "int32,  highFirst, 1,    0,    FFFFFFFE,         -2.0",
        "int32,  lowFirst,  1,    0,    FFFEFFFF,         -2.0",
        "uint32, highFirst, 1,    0,    FFFFFFFE,         4294967294.0",
        "uint32, lowFirst,  0.1,  0,    00010002,         13107.3",
        "uint64, highFirst, 1,    0,    8000000000000000, 9223372036854775808.0",
        "int64,  lowFirst,  1,    0,    0001000000000000, 1.0",
        "float32,highFirst, 1,    0,    40866666,         4.2",
        "float32,lowFirst,  1,    0,    66664086,         4.2",
        "float32,highFirst, 10,   0.5,  40866666,         42.5",
        "float64,highFirst, 1,    0,    4010CCCCCCCCCCCD, 4.2",
        "float64,lowFirst,  1,    0,    CCCDCCCCCCCC4010, 4.2",
    })
    void aNumberIsReadExactlyAndWrittenBackToTheSameRegisters(
            String type, String order, String scale, String offset, String hex, double value) throws Exception {
        ModbusAddress address = address(type, order, scale, offset);
        byte[] registers = HexFormat.of().parseHex(hex);
        assertThat(RegisterCodec.decode(address, PropertyType.NUMBER, registers, 0))
                .contains(value);
        assertThat(HexFormat.of().withUpperCase().formatHex(RegisterCodec.encode(address, value)))
                .isEqualTo(hex);
    }

    @ParameterizedTest
    @CsvSource({"4.214, 4.21", "4.215, 4.22", "4.2149999, 4.21", "-4.215, -4.22", "-4.214, -4.21", "0.004, 0.0"})
    void aWrittenValueIsRoundedToTheNearestRawValueHalfUp(double wanted, double held) throws Exception {
        ModbusAddress address = address("int16", "highFirst", "0.01", "0");
        assertThat(RegisterCodec.decode(address, PropertyType.NUMBER, RegisterCodec.encode(address, wanted), 0))
                .contains(held);
    }

    @Test
    void anIntegerIsRoundedFromItsScaleAndEmptyWhenItIsTooLarge() {
        assertThat(RegisterCodec.decode(
                        address("int16", "highFirst", "0.1", "0"), PropertyType.INTEGER, hex("0019"), 0))
                .contains(3L);
        assertThat(RegisterCodec.decode(
                        address("uint64", "highFirst", "1", "0"), PropertyType.INTEGER, hex("FFFFFFFFFFFFFFFF"), 0))
                .isEmpty();
    }

    @Test
    void aNumberThatIsNoneIsNoValue() {
        for (String nan : new String[] {"7FC00000", "7F800000", "FF800000"}) {
            assertThat(RegisterCodec.decode(
                            address("float32", "highFirst", "1", "0"), PropertyType.NUMBER, hex(nan), 0))
                    .isEqualTo(Optional.empty());
        }
        assertThat(RegisterCodec.decode(
                        address("float64", "highFirst", "2", "0"), PropertyType.NUMBER, hex("7FF8000000000000"), 0))
                .isEmpty();
        assertThat(RegisterCodec.decode(
                        address("float64", "highFirst", "1", "0"), PropertyType.NUMBER, hex("7FF0000000000000"), 0))
                .isEmpty();
    }

    @Test
    void aRegisterAsBooleanIsTrueWhenItIsNotZero() throws Exception {
        ModbusAddress address = address("bool", "highFirst", "1", "0");
        assertThat(RegisterCodec.decode(address, PropertyType.BOOLEAN, hex("0100"), 0))
                .contains(true);
        assertThat(RegisterCodec.decode(address, PropertyType.BOOLEAN, hex("0000"), 0))
                .contains(false);
        assertThat(RegisterCodec.encode(address, true)).isEqualTo(hex("0001"));
    }

    @Test
    void aValueThatTheRegistersCannotHoldIsRefusedWithWhatTheyCan() {
        ModbusAddress address = address("int16", "highFirst", "0.01", "10");
        assertThatThrownBy(() -> RegisterCodec.encode(address, 400.0))
                .isInstanceOf(WriteRefusedException.class)
                .hasMessage("found 400.0, accepted -317.68 to 337.67 (int16)");
        assertThatThrownBy(() -> RegisterCodec.encode(address, Double.NaN)).isInstanceOf(WriteRefusedException.class);
        assertThatThrownBy(() -> RegisterCodec.encode(address("float32", "highFirst", "1", "0"), 1e39))
                .isInstanceOf(WriteRefusedException.class);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static ModbusAddress address(String type, String order, String scale, String offset) {
        return ModbusAddress.of(Json.parseObject("""
                {"table": "holding", "address": 7, "type": "%s", "wordOrder": "%s", "scale": %s, "offset": %s}""".formatted(type, order, scale, offset)));
    }
}
