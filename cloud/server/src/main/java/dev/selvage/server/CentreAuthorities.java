package dev.selvage.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.api.Authorities;
import dev.selvage.identity.Authority;
import dev.selvage.identity.AuthorityStatus;
import dev.selvage.identity.BehindNode;
import dev.selvage.identity.CertificateAuthority;
import dev.selvage.identity.IdentityException;
import dev.selvage.identity.Rotation;
import dev.selvage.model.Json;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;

/** The centre's CAs as the API shows and rotates them. */
final class CentreAuthorities implements Authorities {
    private final CertificateAuthority authority;

    CentreAuthorities(CertificateAuthority authority) {
        this.authority = authority;
    }

    @Override
    public boolean trusts(X509Certificate certificate) {
        return authority.trusts(certificate);
    }

    @Override
    public ObjectNode status() {
        return answered(() -> {
            AuthorityStatus status = authority.status();
            ObjectNode answer = Json.object();
            ArrayNode list = answer.putArray("authorities");
            status.authorities().forEach(each -> describe(list.addObject(), each, status));
            answer.put("nodes", status.nodes());
            nodes(answer.putArray("behind"), status.behind());
            return answer;
        });
    }

    private static void describe(ObjectNode object, Authority each, AuthorityStatus status) {
        object.put("name", each.name())
                .put("fingerprint", "sha256:" + each.fingerprint())
                .put("since", each.since().toString())
                .put("ends", each.certificate().getNotAfter().toInstant().toString())
                .put("trusted", !each.retired())
                .put("serving", each.id() == status.serving())
                .put("issuing", each.id() == status.issuing());
        each.retiredAt().ifPresent(at -> object.put("retiredAt", at.toString()));
    }

    private static void nodes(ArrayNode list, List<BehindNode> nodes) {
        nodes.forEach(node -> list.addObject()
                .put("name", node.name())
                .put("renewedAt", node.renewedAt().toString())
                .put("heldBy", node.heldBy()));
    }

    @Override
    public Step rotate() {
        return answered(() -> step(authority.rotate()));
    }

    @Override
    public Step retire(boolean lockOut) {
        return answered(() -> step(authority.retire(lockOut)));
    }

    private static Step step(Rotation outcome) {
        ObjectNode answer = Json.object();
        return switch (outcome) {
            case Rotation.Done(String newest, List<BehindNode> lockedOut) -> {
                answer.put("newest", newest);
                nodes(answer.putArray("lockedOut"), lockedOut);
                yield new Step.Done(answer);
            }
            case Rotation.Refused(String message) -> new Step.Refused(message);
            case Rotation.LocksOut(String newest, List<BehindNode> nodes) ->
                new Step.Refused(nodes.size() + (nodes.size() == 1 ? " node does" : " nodes do") + " not know " + newest
                        + " yet and would be locked out, until enrolled anew: "
                        + String.join(
                                ", ",
                                nodes.stream().limit(50).map(BehindNode::name).toList())
                        + (nodes.size() > 50 ? " and more" : "")
                        + ". Wait until they were linked, or accept that (selvage ca retire --lock-out)");
        };
    }

    private static <T> T answered(Supplier<T> work) {
        try {
            return work.get();
        } catch (IdentityException e) {
            throw new Unavailable(String.valueOf(e.getMessage()), e);
        }
    }
}
