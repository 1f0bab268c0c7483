package dev.selvage.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    @Test
    void optionsTakeTheirValueFromTheNextWordOrAfterAnEqualsSign() {
        Arguments arguments = parse("--home", "/x", "--label=a=b", "--label", "c=d", "--json");
        assertThat(arguments.required("--home")).isEqualTo("/x");
        assertThat(arguments.all("--label")).containsExactly("a=b", "c=d");
        assertThat(arguments.has("--json")).isTrue();
    }

    @Test
    void anUnknownWordIsRefusedWithWhatIsAccepted() {
        assertThatThrownBy(() -> parse("--hoem", "/x"))
                .hasMessage("found \"--hoem\", accepted are --home, --json, --label");
    }

    @Test
    void aMissingValueAMissingOptionAndARepeatedOneAreNamed() {
        assertThatThrownBy(() -> parse("--home")).hasMessage("--home: needs a value");
        assertThatThrownBy(() -> parse().required("--home")).hasMessage("--home: is required");
        assertThatThrownBy(() -> parse("--home", "a", "--home", "b").required("--home"))
                .hasMessage("--home: given 2 times, accepted is once");
    }

    private static Arguments parse(String... words) {
        return Arguments.parse(List.of(words), Set.of("--home", "--label"), Set.of("--json"));
    }
}
