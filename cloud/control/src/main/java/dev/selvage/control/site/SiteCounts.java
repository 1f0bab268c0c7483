package dev.selvage.control.site;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.control.frame.Change;
import dev.selvage.control.frame.Controller;
import dev.selvage.control.frame.Informer;
import dev.selvage.control.frame.Informers;
import dev.selvage.control.frame.Next;
import dev.selvage.control.frame.Part;
import dev.selvage.control.frame.Writer;
import dev.selvage.model.Kinds;
import dev.selvage.model.Labels;
import dev.selvage.model.Meta;
import dev.selvage.model.Node;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.Site;
import dev.selvage.store.Stored;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Writes into each Site how many nodes carry its label, and how many of them are ready. */
public final class SiteCounts implements Part {
    private final Informer sites;
    private final Writer writer;
    private final Map<String, Member> members = new ConcurrentHashMap<>();
    private final Controller<String> controller = new Controller<>("site", this::reconcile);

    private record Member(String site, boolean ready) {}

    public SiteCounts(Informers informers, Writer writer) {
        this.sites = informers.of(Kinds.SITE);
        this.writer = writer;
        sites.listen(change -> controller.enqueue(change.key().name()));
        informers.of(Kinds.NODE).listen(this::nodeChanged);
    }

    @Override
    public void start() {
        controller.start();
    }

    @Override
    public void close() {
        controller.close();
    }

    private void nodeChanged(Change change) {
        String node = change.key().name();
        Member now = change.object().map(SiteCounts::member).orElse(null);
        Member before = now == null ? members.remove(node) : members.put(node, now);
        if (now != null && !now.equals(before)) {
            controller.enqueue(now.site());
        }
        if (before != null && !before.equals(now)) {
            controller.enqueue(before.site());
        }
    }

    private static Member member(ObjectNode node) {
        String site = Meta.labels(node).getOrDefault(Labels.SITE, "");
        return new Member(site, Node.of(node).ready() == Node.Ready.TRUE);
    }

    private Next reconcile(String site) {
        ObjectKey key = ObjectKey.cluster(Kinds.SITE, site);
        Optional<Stored> stored = sites.get(key);
        if (stored.isPresent()) {
            int nodes = 0;
            int ready = 0;
            for (Member member : members.values()) {
                if (member.site().equals(site)) {
                    nodes++;
                    ready += member.ready() ? 1 : 0;
                }
            }
            write(key, stored.get(), nodes, ready);
        }
        return Next.DONE;
    }

    private void write(ObjectKey key, Stored stored, int nodes, int ready) {
        if (Site.count(stored.parse(), nodes, ready)) {
            writer.mutateStatus(key, stored.uid(), now -> Site.count(now, nodes, ready));
        }
    }
}
