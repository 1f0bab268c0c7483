package dev.selvage.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The label selectors of the Kubernetes API concepts, "Labels and Selectors". */
class LabelSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "web", "tier", "front", "kubernetes.io/arch", "amd64", "empty", "");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            app=web                       | true
            app==web                      | true
            app!=web                      | false
            missing!=x                    | true
            app in (web, api)             | true
            app notin (web,api)           | false
            missing notin (a)             | true
            tier                          | true
            !tier                         | false
            !missing                      | true
            app=web,tier in (front,back)  | true
            app=web,tier=back             | false
            kubernetes.io/arch=amd64      | true
            empty=                        | true
            """)
    void selectsByTheTextForm(String selector, boolean selected) {
        assertThat(LabelSelector.parse(selector).matches(LABELS)).isEqualTo(selected);
    }

    @Test
    void selectsEverythingWhenEmpty() {
        assertThat(LabelSelector.parse("").matches(Map.of())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=b=c", "a in b", "=x", "a,,b", "a in (x", "a>1", "-a=b", "a=-b"})
    void namesThePartThatItCannotRead(String selector) {
        assertThatThrownBy(() -> LabelSelector.parse(selector)).hasMessageContaining("unable to parse requirement");
    }

    @Test
    void selectsByTheObjectForm() {
        LabelSelector selector = LabelSelector.fromJson(Json.parseObject("""
                {"matchLabels": {"app": "web"},
                 "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["back"]},
                                      {"key": "gone", "operator": "DoesNotExist"}]}"""));
        assertThat(selector.matches(LABELS)).isTrue();
        assertThat(selector.matches(Map.of("app", "web", "gone", "1"))).isFalse();
    }
}
