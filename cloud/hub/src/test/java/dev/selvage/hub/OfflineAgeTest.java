package dev.selvage.hub;

import static dev.selvage.hub.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.selvage.identity.IdentityConfig;
import dev.selvage.model.Json;
import dev.selvage.model.Kinds;
import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.model.ObjectKey;
import dev.selvage.store.Selection;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Issue 3, 4: beyond the maximum offline age Renew is held until an administrator decides. */
class OfflineAgeTest {
    private static final Duration LIMIT = Duration.ofDays(90);
    private static final ObjectKey REQUEST = NodeRequest.key("edge-1", NodeRequest.RENEW_IDENTITY);

    private final TestCentre centre = new TestCentre(
            IdentityConfig.of(List.of()).withNodeLife(Duration.ofSeconds(2)).withMaxOfflineAge(LIMIT));
    private final TestNode node = TestNode.linked(centre, "edge-1");

    OfflineAgeTest() throws Exception {}

    @AfterEach
    void close() throws IOException {
        node.close();
        centre.close();
    }

    @Test
    void aNodeThatWasAwayForTooLongIsHeldAndRenewsWhenItIsApproved() throws Exception {
        away(LIMIT.plusDays(10));
        node.start();
        eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("refused APPROVAL_PENDING")));
        assertThat(node.heard())
                .anyMatch(h ->
                        h.contains("max-offline-age is 90 d") && h.contains("selvage approve edge-1.renew-identity"));
        var asked = NodeRequest.of(centre.get(REQUEST).orElseThrow());
        assertThat(asked.state()).isEqualTo(State.PENDING);
        assertThat(asked.reason()).isEqualTo("OfflineTooLong");
        assertThat(Json.textAt(centre.get(REQUEST).orElseThrow(), "spec", "message"))
                .contains("last heard of at ", "a machine at 127.0.0.1");
        assertThat(events()).contains("RenewalHeld");
        decide(State.APPROVED);
        node.session().renewNow(); // its own next try comes within half a minute
        assertThat(centre.get(REQUEST)).isEmpty();
        assertThat(events()).contains("RenewalApproved");
        node.stop();
        node.start();
        eventually(() -> assertThat(node.session().linked()).isTrue());
    }

    @Test
    void aNodeThatIsDeniedIsToldByWhomAndTheDecisionCanBeChanged() throws Exception {
        away(LIMIT.plusDays(10));
        node.start();
        eventually(() -> assertThat(centre.get(REQUEST)).isPresent());
        decide(State.DENIED);
        assertThatThrownBy(() -> node.session().renewNow())
                .hasMessageContaining("APPROVAL_DENIED")
                .hasMessageContaining("admin denied its return");
        assertThat(node.session().linked()).isFalse();
        decide(State.APPROVED);
        node.session().renewNow();
    }

    @Test
    void aNodeWithinTheAgeRenewsWithoutAsking() throws Exception {
        away(LIMIT.minusDays(1));
        node.start();
        eventually(() -> assertThat(node.session().linked()).isTrue());
        assertThat(centre.get(REQUEST)).isEmpty();
    }

    /** A long session is no absence, whenever the certificate was renewed last. */
    @Test
    void whatCountsIsTheLastSignOfLife() throws Exception {
        node.stop();
        sql("UPDATE node_identity SET changed_at = now() - interval '200 days'");
        node.start();
        eventually(() -> assertThat(node.heard()).anyMatch(h -> h.startsWith("renewed")));
        assertThat(centre.get(REQUEST)).isEmpty();
    }

    @Test
    void aLimitBelowTheCertificatesLifeIsRefusedByName() {
        assertThatThrownBy(() -> IdentityConfig.of(List.of()).withMaxOfflineAge(Duration.ofHours(1)))
                .hasMessageContaining("max-offline-age: found PT1H")
                .hasMessageContaining("node-life (PT24H)");
    }

    private void decide(State state) {
        assertThat(centre.store
                        .resources()
                        .mutateStatus(REQUEST, object -> {
                            NodeRequest.decide(object, state, "admin", Instant.now());
                            return object;
                        })
                        .succeeded())
                .isTrue();
    }

    private List<String> events() {
        return centre.store.resources().list(Selection.all(Kinds.EVENT)).stream()
                .map(event -> Json.textAt(event.parse(), "reason"))
                .toList();
    }

    /** The node's certificate has ended, and for the database it was last heard of so long ago. */
    private void away(Duration time) throws Exception {
        node.stop();
        Instant end =
                node.identity().load().orElseThrow().certificate().getNotAfter().toInstant();
        eventually(() -> assertThat(Instant.now()).isAfter(end.plusMillis(1100)));
        sql("UPDATE node_identity SET changed_at = now() - interval '" + time.toSeconds() + " s'");
        sql("UPDATE node_session SET at = now() - interval '" + time.toSeconds() + " s'");
    }

    private void sql(String text) throws SQLException {
        try (var connection = centre.store.dataSource().getConnection();
                var statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(text)).isEqualTo(1);
        }
    }
}
