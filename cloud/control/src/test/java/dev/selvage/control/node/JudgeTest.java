package dev.selvage.control.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Design, "Store": mass expiry or a database outage freezes every decision; "Link": unreachable after 40 s. */
class JudgeTest {
    private final Map<String, Long> lastBeat = new HashMap<>();
    private final Set<String> nodes = new TreeSet<>();
    private final Set<String> marked = new HashSet<>();
    private long now;
    private final Judge judge = new Judge(NodeTiming.DEFAULT, 0);

    @Test
    void oneSilentNodeOfFourIsLostAfterFortySecondsAndReturnsAtOnce() {
        nodes("a", "b", "c", "d");
        run(100, "a", "b", "c", "d");
        assertThat(marked).isEmpty();
        run(40, "b", "c", "d");
        assertThat(marked).isEmpty();
        run(4, "b", "c", "d");
        assertThat(marked).containsExactly("a");
        run(2, "a", "b", "c", "d");
        assertThat(marked).isEmpty();
    }

    @Test
    void aFreshLeaderJudgesNobodyForAMinuteHoweverOldTheHeartbeats() {
        nodes("a");
        lastBeat.put("a", -Duration.ofHours(1).toNanos());
        Verdict verdict = run(58);
        assertThat(marked).isEmpty();
        assertThat(verdict.frozen()).get().extracting(Verdict.Freeze::mass).isEqualTo(false);
        run(4);
        assertThat(marked).containsExactly("a");
    }

    @Test
    void mostNodesFallingSilentTogetherFreezesFromTheFirstExpiryOn() {
        nodes("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        run(100, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        staggerHeartbeats();
        Verdict verdict = run(100);
        assertThat(marked).isEmpty();
        assertThat(verdict.frozen()).get().extracting(Verdict.Freeze::mass).isEqualTo(true);
        assertThat(verdict.frozen().orElseThrow().words()).contains("10 of 10 nodes fell silent together");
    }

    @Test
    void theFreezeEndsWhenEnoughNodesAreBackAndTheRestIsJudged() {
        nodes("a", "b", "c", "d");
        run(100, "a", "b", "c", "d");
        run(60, "d");
        assertThat(marked).isEmpty();
        run(4, "b", "c", "d");
        assertThat(marked).containsExactly("a");
    }

    @Test
    void aMassExpiryThatLastsIsBelievedInTheEnd() {
        nodes("a", "b", "c");
        run(100, "a", "b", "c");
        run(300);
        assertThat(marked).isEmpty();
        run(60);
        assertThat(marked).containsExactly("a", "b", "c");
    }

    @Test
    void twoNodesAreNoMass() {
        nodes("a", "b");
        run(100, "a", "b");
        run(44);
        assertThat(marked).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aDatabaseOutageGivesEveryNodeTimeToComeBack() {
        nodes("a");
        run(100, "a");
        now += Duration.ofMinutes(2).toNanos();
        judge.outage(now);
        run(58);
        assertThat(marked).isEmpty();
        run(4);
        assertThat(marked).containsExactly("a");
    }

    @Test
    void aLongPauseOfTheJudgeItselfCountsAsAnOutage() {
        nodes("a");
        run(100, "a");
        now += Duration.ofMinutes(2).toNanos();
        run(2);
        assertThat(marked).isEmpty();
    }

    @Test
    void returnIsBelievedEvenWhileFrozen() {
        nodes("a", "b", "c");
        run(100, "a", "b", "c");
        run(44, "b", "c");
        assertThat(marked).containsExactly("a");
        run(60, "a");
        assertThat(marked).isEmpty();
    }

    @Test
    void aNodeThatNeverSentAHeartbeatIsMarkedWhenItsTimeIsOver() {
        nodes("a");
        run(58);
        assertThat(marked).isEmpty();
        assertThat(run(2).silent()).containsExactly("a");
    }

    private void nodes(String... names) {
        nodes.addAll(Set.of(names));
    }

    /** As in life: the last heartbeats were sent at different times within an interval of 20 s. */
    private void staggerHeartbeats() {
        int i = 0;
        for (String node : nodes) {
            lastBeat.put(node, now - Duration.ofSeconds(2L * i++).toNanos());
        }
    }

    /** Looks every 2 s for a time in which these nodes send heartbeats; marks stay as they would in the store. */
    private Verdict run(int seconds, String... beating) {
        Verdict verdict = look();
        for (int t = 0; t < seconds; t += 2) {
            now += Duration.ofSeconds(2).toNanos();
            for (String node : beating) {
                lastBeat.put(node, now);
            }
            verdict = look();
        }
        return verdict;
    }

    private Verdict look() {
        Map<String, Duration> ages = new HashMap<>();
        lastBeat.forEach((node, at) -> ages.put(node, Duration.ofNanos(now - at)));
        Verdict verdict = judge.judge(now, nodes, marked, ages);
        marked.addAll(verdict.lost());
        marked.addAll(verdict.silent());
        marked.removeAll(verdict.returned());
        return verdict;
    }
}
