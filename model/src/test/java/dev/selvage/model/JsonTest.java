package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void keepsUnknownFieldsAndNullsApartFromAbsentOnes() {
        String text = "{\"a\":null,\"x\":{\"unknown\":[1,2.5,\"z\"]}}";
        assertThat(Json.text(Json.parseObject(text))).isEqualTo("{\"a\":null,\"x\":{\"unknown\":[1,2.5,\"z\"]}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "1", "{\"a\":1,\"a\":2}", "{\"a\":", "{} {}", "{a:1}", "null"})
    void refusesWhatIsNotOneWellFormedObject(String text) {
        assertThatThrownBy(() -> Json.parseObject(text)).isInstanceOf(JsonException.class);
    }

    @Test
    void readsAnArrayUnderTheSameLimits() {
        assertThat(Json.parseArray(utf8(" [1,{\"a\":null},[]] ")).toString()).isEqualTo("[1,{\"a\":null},[]]");
        assertThat(Json.parseArray(utf8("[]"))).isEmpty();
        String deep = "[".repeat(Json.MAX_DEPTH) + "]".repeat(Json.MAX_DEPTH);
        assertThat(Json.parseArray(utf8(deep))).hasSize(1);
        assertThatThrownBy(() -> Json.parseArray(utf8("[" + deep + "]"))).isInstanceOf(JsonException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "1", "[{\"a\":1,\"a\":2}]", "[1", "[] []", "[1,]", "null"})
    void refusesWhatIsNotOneWellFormedArray(String text) {
        assertThatThrownBy(() -> Json.parseArray(utf8(text))).isInstanceOf(JsonException.class);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The store's objects were written by Jackson's ObjectMapper: both must read and write alike. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"n\":[0,-1,2147483647,2147483648,-9223372036854775808,9223372036854775808,12345678901234567890123]}",
                "{\"f\":[0.1,-0.0,1e300,1.0,100.0,2.5e-9,3.141592653589793238]}",
                "{\"s\":[\"\",\"\\u0000\\n\\\"\\\\/\",\"é 汉 😀\"],\"b\":[true,false,null],\"o\":{},\"a\":[[],{}]}"
            })
    void readsAndWritesAsJacksonsMapperDoes(String text) throws Exception {
        var expected = Json.mapper().readTree(text);
        assertThat(Json.parseObject(text)).isEqualTo(expected);
        assertThat(Json.bytes(Json.parseObject(text))).isEqualTo(Json.mapper().writeValueAsBytes(expected));
    }

    @Test
    void refusesDocumentsDeeperThanTheLimit() {
        String deep = "{\"a\":".repeat(Json.MAX_DEPTH + 1) + "1" + "}".repeat(Json.MAX_DEPTH + 1);
        assertThatThrownBy(() -> Json.parseObject(deep)).isInstanceOf(JsonException.class);
    }

    @ParameterizedTest
    @CsvSource({"200ms, 200", "5s, 5000", "10m, 600000", "1h30m, 5400000", "1.5s, 1500", "1d, 86400000"})
    void readsDurations(String text, long millis) {
        assertThat(Durations.parse(text)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-1s", "1 s", "1y", "9999999999s"})
    void refusesWhatIsNoDuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @Test
    void fieldSelectorsCompareText() {
        FieldSelector selector = FieldSelector.parse("metadata.name=x,status.phase!=Failed");
        assertThat(selector.matches(f -> f.equals("metadata.name") ? "x" : "Running"))
                .isTrue();
        assertThat(selector.matches(f -> f.equals("metadata.name") ? "x" : "Failed"))
                .isFalse();
        assertThatThrownBy(() -> FieldSelector.parse("metadata.name")).hasMessageContaining("invalid field selector");
    }

    /** A write that changes nothing must not move the revision: what a controller counts is stored and read again. */
    @Test
    void aNumberIsTheSameInWhateverWidthItIsKept() {
        ObjectNode written = Json.object().put("long", 3L).put("double", 1.5);
        ObjectNode read = Json.parseObject(Json.bytes(written));

        assertThat(Json.same(written, read)).isTrue();
        assertThat(Json.object().<ObjectNode>set("long", Json.whole(3)).put("double", 1.5))
                .isEqualTo(read);
        assertThat(Json.same(written, read.deepCopy().put("long", 4))).isFalse();
        assertThat(Json.same(written, read.deepCopy().put("long", "3"))).isFalse();
        assertThat(Json.same(written, read.deepCopy().put("more", 1))).isFalse();
    }
}
