package dev.selvage.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubAddressTest {
    @Test
    void namesAndAddressesOfBothFamiliesAreRead() {
        assertThat(HubAddress.parse("centre.example:6444")).isEqualTo(new HubAddress("centre.example", 6444));
        assertThat(HubAddress.parse("127.0.0.1:1")).isEqualTo(new HubAddress("127.0.0.1", 1));
        assertThat(HubAddress.parse("[::1]:443")).hasToString("[::1]:443");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "centre", "centre:", "centre:0", "centre:70000", "centre:x", ":1", "a b:1", "u@h:1", "h:1/p"
            })
    void anythingElseIsNamedWithWhatIsAccepted(String text) {
        assertThatThrownBy(() -> HubAddress.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HOST:PORT");
    }
}
