package dev.selvage.control.scheduler;

import static dev.selvage.control.scheduler.Picture.podAffinity;
import static dev.selvage.control.scheduler.Picture.spread;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Upstream: "Assigning Pods to Nodes" and "Pod Topology Spread Constraints"
 * (kubernetes.io/docs/concepts/scheduling-eviction), and the words of kube-scheduler's plugins.
 */
class PlacementTest {
    private static final String SITE = "selvage.dev/site";
    private final Picture picture = new Picture();

    /** "nodeSelectorTerms ... terms are ORed"; "matchExpressions ... expressions are ANDed". */
    @Test
    void oneTermMustHoldAndAllOfItsExpressions() {
        picture.node("a", "disk=ssd,cores=4").node("b", "disk=hdd,cores=16");
        String ssdAndMany = required("""
                {"matchExpressions":[{"key":"disk","operator":"In","values":["ssd"]},{"key":"cores","operator":"Gt","values":["8"]}]}""");
        assertThat(picture.place("p", "", ssdAndMany))
                .startsWith("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.");
        String either = required("""
                {"matchExpressions":[{"key":"disk","operator":"In","values":["none"]}]},
                {"matchExpressions":[{"key":"cores","operator":"Lt","values":["8"]}]}""");
        assertThat(picture.place("q", "", either)).isEqualTo("a");
    }

    @Test
    void everyOperatorOfANodeSelectorHasUpstreamsMeaning() {
        picture.node("a", "cores=4").node("b", "");
        assertThat(picture.place("exists", "", requiredExpression("cores", "Exists", "")))
                .isEqualTo("a");
        assertThat(picture.place("absent", "", requiredExpression("cores", "DoesNotExist", "")))
                .isEqualTo("b");
        assertThat(picture.place("notin", "", requiredExpression("cores", "NotIn", "\"4\"")))
                .isEqualTo("b");
        assertThat(picture.place("gt", "", requiredExpression("cores", "Gt", "\"3\"")))
                .isEqualTo("a");
        assertThat(picture.place("word", "", requiredExpression("cores", "Gt", "\"three\"")))
                .startsWith("0/2");
    }

    @Test
    void matchFieldsNamesOneNode() {
        picture.node("a", "").node("b", "");
        assertThat(
                        picture.place(
                                "p",
                                "",
                                required(
                                        "{\"matchFields\":[{\"key\":\"metadata.name\",\"operator\":\"In\",\"values\":[\"b\"]}]}")))
                .isEqualTo("b");
    }

    /** "A null or empty node selector term matches no objects." */
    @Test
    void anEmptyTermMatchesNoNode() {
        picture.node("a", "");
        assertThat(picture.place("p", "", required("{}")))
                .startsWith("0/1 nodes are available: 1 node(s) didn't match");
    }

    @Test
    void aPreferredTermOutweighsALittleLoad() {
        picture.node("a", "").node("b", "disk=ssd").on("b", "load", "", Picture.cpu("500m"));
        assertThat(
                        picture.place(
                                "p",
                                "",
                                "\"affinity\":{\"nodeAffinity\":{\"preferredDuringSchedulingIgnoredDuringExecution\":"
                                        + "[{\"weight\":50,\"preference\":{\"matchExpressions\":[{\"key\":\"disk\",\"operator\":\"In\",\"values\":[\"ssd\"]}]}}]}}"))
                .isEqualTo("b");
    }

    /** "maxSkew ... the maximum permitted difference between the number of matching pods in the target topology and the global minimum". */
    @Test
    void podsSpreadOverSitesWithinTheSkew() {
        picture.node("a1", SITE + "=a").node("a2", SITE + "=a").node("b1", SITE + "=b");
        String even = spread(SITE, 1, "DoNotSchedule", "");
        picture.on("a1", "w1", "app=web", even).on("a2", "w2", "app=web", even);
        assertThat(picture.place("w3", "app=web", even)).isEqualTo("b1");
        assertThat(picture.place("w4", "app=web", even)).isEqualTo("b1");
        assertThat(picture.place("w5", "app=web", even)).startsWith("a");
    }

    @Test
    void aFullSiteHoldsTheOthersBackAndTheWordsSaySo() {
        picture.node("a", SITE + "=a")
                .node("b", SITE + "=b", "\"unschedulable\":true", "True")
                .node("c", "");
        String even = spread(SITE, 1, "DoNotSchedule", "");
        picture.on("a", "w1", "app=web", even);
        assertThat(picture.place("w2", "app=web", even))
                .startsWith("0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints,"
                        + " 1 node(s) didn't match pod topology spread constraints (missing required label),"
                        + " 1 node(s) were unschedulable.");
    }

    /** "minDomains ... when the number of eligible domains is less, the global minimum is treated as 0". */
    @Test
    void withFewerDomainsThanWantedEachTakesNoMoreThanTheSkew() {
        picture.node("a", SITE + "=a").node("b", SITE + "=b");
        String three = spread(SITE, 1, "DoNotSchedule", ",\"minDomains\":3");
        assertThat(picture.place("w1", "app=web", three)).isEqualTo("a");
        assertThat(picture.place("w2", "app=web", three)).isEqualTo("b");
        assertThat(picture.place("w3", "app=web", three))
                .startsWith("0/2 nodes are available: 2 node(s) didn't match pod topology spread");
        picture.node("c", SITE + "=c");
        assertThat(picture.place("w3", "app=web", three)).isEqualTo("c");
    }

    /** "nodeAffinityPolicy: Honor (default): only nodes matching nodeAffinity/nodeSelector are included". */
    @Test
    void nodesThatThePodCannotUseDoNotCountUnlessToldSo() {
        picture.node("a", SITE + "=a,disk=ssd").node("b", SITE + "=b");
        picture.on("a", "w1", "app=web", "");
        String ssd = "\"nodeSelector\":{\"disk\":\"ssd\"},";
        assertThat(picture.place("w2", "app=web", ssd + spread(SITE, 1, "DoNotSchedule", "")))
                .isEqualTo("a");
        assertThat(picture.place(
                        "w3", "app=web", ssd + spread(SITE, 1, "DoNotSchedule", ",\"nodeAffinityPolicy\":\"Ignore\"")))
                .startsWith("0/2");
    }

    @Test
    void matchLabelKeysCountOnlyTheRevision() {
        picture.node("a", SITE + "=a").node("b", SITE + "=b");
        String even = spread(SITE, 1, "DoNotSchedule", ",\"matchLabelKeys\":[\"rev\"]");
        picture.on("a", "old1", "app=web,rev=1", even).on("a", "old2", "app=web,rev=1", even);
        picture.on("b", "load", "", Picture.cpu("1500m"));
        assertThat(picture.place("new", "app=web,rev=2", even)).isEqualTo("a");
    }

    @Test
    void scheduleAnywayIsAWishThatLoadAloneDoesNotBeat() {
        picture.node("a", SITE + "=a").node("b", SITE + "=b");
        String wish = spread(SITE, 1, "ScheduleAnyway", "");
        picture.on("a", "w1", "app=web", wish).on("b", "load", "", Picture.cpu("500m"));
        assertThat(picture.place("w2", "app=web", wish)).isEqualTo("b");
        picture.node("b", SITE + "=b", "\"unschedulable\":true", "True");
        assertThat(picture.place("w3", "app=web", wish)).isEqualTo("a");
    }

    /** "podAntiAffinity ... this pod should not be co-located". */
    @Test
    void antiAffinityOverHostnameLetsOnePodOnEachNode() {
        picture.node("a", "").node("b", "");
        String alone = podAffinity("podAntiAffinity", "kubernetes.io/hostname", "");
        assertThat(picture.place("w1", "app=web", alone)).isEqualTo("a");
        assertThat(picture.place("w2", "app=web", alone)).isEqualTo("b");
        assertThat(picture.place("w3", "app=web", alone))
                .startsWith("0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.");
        picture.gone("w1");
        assertThat(picture.place("w3", "app=web", alone)).isEqualTo("a");
    }

    /** Anti-affinity is symmetric: it keeps out pods that do not have it themselves. */
    @Test
    void whoWantsToBeAloneKeepsOthersOut() {
        picture.node("a", SITE + "=a").node("b", SITE + "=b");
        picture.on("a", "loner", "app=db", podAffinity("podAntiAffinity", SITE, ""));
        assertThat(picture.place("w1", "app=web", "")).isEqualTo("b");
        picture.node("b", SITE + "=b", "\"unschedulable\":true", "True");
        assertThat(picture.place("w2", "app=web", ""))
                .startsWith(
                        "0/2 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules, 1 node(s) were unschedulable.");
    }

    /** The first pod of a group with affinity to itself is let in; all others follow it. */
    @Test
    void affinityBringsPodsTogetherAndTheFirstOneIn() {
        picture.node("a", SITE + "=a").node("b", SITE + "=b").on("a", "load", "", Picture.cpu("1"));
        String together = podAffinity("podAffinity", SITE, "");
        assertThat(picture.place("w1", "app=web", together)).isEqualTo("b");
        picture.on("b", "more", "", Picture.cpu("1500m"));
        assertThat(picture.place("w2", "app=web", together)).isEqualTo("b");
        picture.node("c", "");
        assertThat(picture.place("stranger", "app=db", podAffinity("podAffinity", "zone", "")))
                .startsWith("0/3 nodes are available: 3 node(s) didn't match pod affinity rules.");
    }

    /** "namespaces ... namespaceSelector: {} matches all namespaces; null namespaces list means this pod's namespace". */
    @Test
    void aTermSeesItsOwnNamespaceUnlessItNamesOrSelectsOthers() {
        picture.node("a", "").node("b", "");
        picture.cluster.namespace("other", Map.of("team", "x"));
        picture.cluster.pod(Picture.pod("other", "w", "app=web", "").on("a"));
        picture.on("b", "load", "", Picture.cpu("1"));
        String host = "kubernetes.io/hostname";
        assertThat(picture.choose("own", "", podAffinity("podAntiAffinity", host, "")))
                .isEqualTo(new Choice.Fits("a"));
        for (String reach : new String[] {
            ",\"namespaces\":[\"other\"]",
            ",\"namespaceSelector\":{}",
            ",\"namespaceSelector\":{\"matchLabels\":{\"team\":\"x\"}}"
        }) {
            assertThat(picture.choose("far", "", podAffinity("podAntiAffinity", host, reach)))
                    .as(reach)
                    .isEqualTo(new Choice.Fits("b"));
        }
        picture.cluster.namespace("other", Map.of("team", "y"));
        assertThat(picture.choose(
                        "moved",
                        "",
                        podAffinity(
                                "podAntiAffinity", host, ",\"namespaceSelector\":{\"matchLabels\":{\"team\":\"x\"}}")))
                .isEqualTo(new Choice.Fits("a"));
    }

    /** Upstream's ImageLocality: nodes tell in status.images what they have. */
    @Test
    void aNodeThatHasTheImageIsTakenWhenLittleElseDiffers() {
        picture.node("a", "").node("b", "");
        var node = dev.selvage.model.Json.parseObject("""
                {"metadata":{"name":"b","labels":{"runtime.selvage.dev/process":"true"}},
                 "status":{"allocatable":{"cpu":"2","memory":"4Gi"},"conditions":[{"type":"Ready","status":"True"}],
                           "images":[{"names":["registry.local/big:1"],"sizeBytes":900000000}]}}""");
        picture.cluster.node(dev.selvage.model.Node.of(node));
        assertThat(picture.choose("p", "", "\"containers\":[{\"image\":\"registry.local/big:1\"}]"))
                .isEqualTo(new Choice.Fits("b"));
        assertThat(picture.choose("q", "", "\"containers\":[{\"image\":\"registry.local/other:1\"}]"))
                .isEqualTo(new Choice.Fits("a"));
    }

    private static String required(String terms) {
        return "\"affinity\":{\"nodeAffinity\":{\"requiredDuringSchedulingIgnoredDuringExecution\":{\"nodeSelectorTerms\":["
                + terms + "]}}}";
    }

    private static String requiredExpression(String key, String operator, String values) {
        return required("{\"matchExpressions\":[{\"key\":\"" + key + "\",\"operator\":\"" + operator + "\",\"values\":["
                + values + "]}]}");
    }
}
