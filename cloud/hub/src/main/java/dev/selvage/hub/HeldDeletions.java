package dev.selvage.hub;

import dev.selvage.model.NodeRequest;
import dev.selvage.model.NodeRequest.State;
import dev.selvage.model.ObjectKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of a node's objects are left alone although its slice lacks them (design "Link"): on connect, all of them under an incarnation that the store does not know,
 * and all of them when they are more than half of at least {@value #LEAST}. They wait for an administrator's decision on a NodeRequest, which outlives the session:
 * what it names is held again when the node returns. What is deleted during the session is never held.
 *
 * <p>Used by one thread, but for {@link #open()}.
 */
final class HeldDeletions {
    private static final Logger LOG = LoggerFactory.getLogger(HeldDeletions.class);
    private static final int LEAST = 5;
    private static final String UNKNOWN_INCARNATION = "UnknownIncarnation";
    private static final String MORE_THAN_HALF = "MoreThanHalf";

    private final String node;
    private final String nodeIncarnation;
    private final String incarnation;
    private final boolean foreign;
    private final DeletionRequest request;
    private final Map<ObjectKey, String> withheld = new TreeMap<>();
    private String reason = "";
    private String words = "";
    private boolean told;
    private volatile boolean open;

    /**
     * @param foreign what the node has cannot be compared with the store by revisions: it comes from another incarnation, or from a later state of this one
     */
    HeldDeletions(String node, String nodeIncarnation, String incarnation, boolean foreign, DeletionRequest request) {
        this.node = node;
        this.nodeIncarnation = nodeIncarnation;
        this.incarnation = incarnation;
        this.foreign = foreign;
        this.request = request;
    }

    /**
     * At the start of a session, once.
     *
     * @param has uids of what the node has
     */
    void judge(Map<ObjectKey, String> has, Set<ObjectKey> needed) {
        Map<ObjectKey, String> surplus = new TreeMap<>(has);
        surplus.keySet().removeAll(needed);
        Optional<NodeRequest> present = request.read();
        open = present.isPresent();
        Optional<NodeRequest> asked = present.filter(this::mine);
        int size = has.size();
        if (asked.isPresent()) {
            reason = asked.get().reason();
            for (NodeRequest.Item item : asked.get().objects()) {
                if (surplus.remove(item.key(), item.uid())) {
                    size--;
                    withheld.put(item.key(), item.uid()); // an approved one is released by the first review
                }
            }
        }
        boolean unheard = foreign && asked.isEmpty();
        boolean most = size >= LEAST && surplus.size() * 2 > size;
        if (unheard || most || asked.filter(NodeRequest::cut).isPresent()) {
            hold(surplus, unheard ? UNKNOWN_INCARNATION : most ? MORE_THAN_HALF : reason);
        }
        words = reason.equals(UNKNOWN_INCARNATION)
                ? "what the node has comes from another incarnation of the database, and of its " + has.size()
                        + " objects its slice lacks " + withheld.size()
                : "of the node's " + has.size() + " objects its slice lacks " + withheld.size();
    }

    private boolean mine(NodeRequest asked) {
        return asked.incarnation().equals(incarnation)
                && asked.nodeIncarnation().equals(nodeIncarnation);
    }

    private void hold(Map<ObjectKey, String> surplus, String why) {
        withheld.putAll(surplus);
        if (!surplus.isEmpty()) {
            reason = why;
        }
    }

    /** Lets go of what is needed again and of what was approved, and keeps the request in step. The store may be unavailable: then once more, later. */
    void review(Set<ObjectKey> needed) {
        withheld.keySet().removeAll(needed);
        if (withheld.isEmpty()) {
            return;
        }
        Optional<NodeRequest> decided = request.read().filter(this::mine);
        decided.filter(r -> r.state() == State.APPROVED).ifPresent(this::release);
        if (withheld.isEmpty()) {
            return;
        }
        if (!told) {
            LOG.warn("deletions on node {} are held: {}: {}", node, words, withheld.keySet());
        }
        open = true;
        boolean anew = request.ask(wanted());
        boolean pending = request.read().filter(r -> r.state() == State.PENDING).isPresent();
        if (pending && (anew || !told)) {
            request.tell(
                    true,
                    "DeletionsHeld",
                    words + "; they stay on the node until NodeRequest " + request.name()
                            + " is approved (selvage approve " + request.name() + ")");
        }
        told = true;
    }

    private void release(NodeRequest approved) {
        int before = withheld.size();
        approved.objects().forEach(item -> withheld.remove(item.key(), item.uid()));
        int released = before - withheld.size();
        if (released > 0) {
            LOG.warn("{} deletions on node {} go out, approved by {}", released, node, approved.decidedBy());
            request.tell(
                    false,
                    "DeletionsReleased",
                    released + " held deletions go out, approved by " + approved.decidedBy());
        }
    }

    private NodeRequest wanted() {
        List<NodeRequest.Item> items = withheld.entrySet().stream()
                .filter(entry -> printable(entry.getKey(), entry.getValue()))
                .limit(NodeRequest.MOST)
                .map(entry -> new NodeRequest.Item(entry.getKey(), entry.getValue()))
                .toList();
        return new NodeRequest(
                node,
                NodeRequest.RELEASE_DELETIONS,
                reason,
                incarnation,
                nodeIncarnation,
                items,
                withheld.size(),
                State.PENDING,
                "");
    }

    /** The names come from the node, which may say what it likes. */
    private static boolean printable(ObjectKey key, String uid) {
        return key.resource().length() <= 253
                && key.namespace().length() <= 253
                && key.name().length() <= 253
                && uid.length() <= 64;
    }

    boolean holds(ObjectKey key) {
        return withheld.containsKey(key);
    }

    boolean any() {
        return !withheld.isEmpty();
    }

    /** The node must not take the store's incarnation yet: it would count as known when it returns. */
    boolean keepsIncarnation() {
        return foreign && any();
    }

    String nodeIncarnation() {
        return nodeIncarnation;
    }

    boolean foreign() {
        return foreign;
    }

    /** There is a request that is to be closed when nothing is held any more. */
    boolean open() {
        return open;
    }

    void close() {
        request.close();
        open = false;
    }
}
