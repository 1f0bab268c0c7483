package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstream's k8s.io/apimachinery/pkg/api/resource Quantity. */
class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "100m, 100, 1",
        "2, 2000, 2",
        "1.5, 1500, 2",
        ".5, 500, 1",
        "64Mi, 67108864000, 67108864",
        "1k, 1000000, 1000",
        "1e3, 1000000, 1000",
        "1E, 1000000000000000000000, 1000000000000000000",
        "1n, 1, 1",
    })
    void readsNumberAndSuffixAndRoundsUp(String text, String millis, long units) {
        Quantity quantity = Quantity.parse(text).orElseThrow();
        assertThat(quantity.millis())
                .isEqualTo(new java.math.BigInteger(millis)
                        .min(java.math.BigInteger.valueOf(Long.MAX_VALUE))
                        .longValueExact());
        assertThat(quantity.units()).isEqualTo(units);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Mi", "1 Mi", "1mi", "--1", "1e", "1e999", "0x10", "1KiB"})
    void refusesWhatIsNoQuantity(String text) {
        assertThat(Quantity.parse(text)).isEmpty();
    }
}
