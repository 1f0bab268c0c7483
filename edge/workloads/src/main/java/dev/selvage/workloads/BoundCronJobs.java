package dev.selvage.workloads;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.files.CheckedFile;
import dev.selvage.model.CronRuns;
import dev.selvage.model.Meta;
import dev.selvage.model.ObjectKey;
import dev.selvage.model.OwnerReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * CronJobs whose schedule this node keeps (decision 0025). It makes their Jobs and pods, with a link and without one, and tells the centre, which makes the same
 * objects of what it hears. {@link #desired} puts the pods that the centre does not know yet beside those of the slice; {@link #look} does what is due.
 */
public final class BoundCronJobs {
    private static final String SUFFIX = ".json";

    private final Path home;
    private final String node;
    private final Supplier<Instant> clock;
    private final BooleanSupplier linked;
    private final CronListener listener;
    private final Consumer<String> faults;
    private final Map<String, CronKeeper> keepers = new HashMap<>();
    private Set<String> swept = Set.of();
    private boolean first = true;

    /**
     * @param home directory of the books, made when the first is needed
     * @param faults hears in words what was damaged and set aside
     */
    public BoundCronJobs(
            Path home,
            String node,
            Supplier<Instant> clock,
            BooleanSupplier linked,
            CronListener listener,
            Consumer<String> faults) {
        this.home = home;
        this.node = node;
        this.clock = clock;
        this.linked = linked;
        this.listener = listener;
        this.faults = faults;
    }

    /**
     * Takes in what the slice has, and gives every pod that shall be on this node.
     *
     * @param whole false when the slice was damaged and may lack some
     */
    public synchronized List<ObjectNode> desired(
            List<ObjectNode> cronJobs, List<ObjectNode> jobs, List<ObjectNode> pods, boolean whole) {
        Set<String> wanted = new HashSet<>();
        for (ObjectNode cronJob : cronJobs) {
            if (CronRuns.keeper(cronJob).equals(node)
                    && PodStore.UID.matcher(Meta.uid(cronJob)).matches()) {
                wanted.add(Meta.uid(cronJob));
                keepers.computeIfAbsent(Meta.uid(cronJob), uid -> open(uid, cronJob))
                        .desire(cronJob);
            }
        }
        if (whole) {
            keepers.keySet().retainAll(wanted);
            sweep(wanted);
        }
        Set<String> known = new HashSet<>();
        pods.forEach(pod -> known.add(Meta.uid(pod)));
        Map<String, Map<String, ObjectNode>> made = byOwner(jobs);
        keepers.forEach((uid, keeper) -> keeper.seen(made.getOrDefault(uid, Map.of()), known, whole, clock.get()));
        return merged(pods);
    }

    private CronKeeper open(String uid, ObjectNode cronJob) {
        try {
            OwnFiles.directory(home);
        } catch (IOException e) {
            throw new UncheckedIOException("a place for the runs of CronJobs", e);
        }
        Path file = home.resolve(uid + SUFFIX);
        CronBook book = CronBook.open(new CheckedFile(file, faults), Files.exists(file), clock.get());
        return new CronKeeper(node, cronJob, book, listener);
    }

    /** Removes the books of CronJobs that are gone, those from before the agent's start too. */
    private void sweep(Set<String> wanted) {
        if ((first || !wanted.equals(swept)) && Files.isDirectory(home)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(home, "*" + SUFFIX)) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    if (!wanted.contains(name.substring(0, name.length() - SUFFIX.length()))) {
                        OwnFiles.deleteQuietly(file);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException("the runs of CronJobs at " + home, e);
            }
        }
        first = false;
        swept = wanted;
    }

    private Map<String, Map<String, ObjectNode>> byOwner(List<ObjectNode> jobs) {
        Map<String, Map<String, ObjectNode>> made = new HashMap<>();
        for (ObjectNode job : jobs) {
            if (CronRuns.maker(job).equals(node)) {
                Meta.ownerReferences(job).stream()
                        .filter(OwnerReference::controller)
                        .forEach(owner -> made.computeIfAbsent(owner.uid(), uid -> new HashMap<>())
                                .put(Meta.uid(job), job));
            }
        }
        return made;
    }

    /** The node's own pods run by the template of when they began, whatever the CronJob says by now. */
    private List<ObjectNode> merged(List<ObjectNode> pods) {
        Map<String, ObjectNode> own = new HashMap<>();
        List<ObjectNode> all = new ArrayList<>();
        for (CronKeeper keeper : keepers.values()) {
            for (CronRun run : keeper.runs()) {
                for (CronAttempt attempt : run.attempts) {
                    ObjectNode pod = run.pod(attempt);
                    if (attempt.stop) {
                        Meta.of(pod).put("deletionTimestamp", clock.get().toString());
                    }
                    if (attempt.known) {
                        own.put(attempt.uid, pod);
                    } else if (!attempt.gone && !run.dropped) {
                        if (attempt.finished()) {
                            pod.putObject("status").put("phase", attempt.phase);
                        }
                        all.add(pod);
                    }
                }
            }
        }
        for (ObjectNode pod : pods) {
            ObjectNode made = own.get(Meta.uid(pod));
            all.add(made == null ? pod : with(pod, made));
        }
        return all;
    }

    private static ObjectNode with(ObjectNode pod, ObjectNode made) {
        ObjectNode merged = pod.deepCopy();
        merged.set("spec", made.path("spec"));
        if (Meta.deleting(made) && !Meta.deleting(pod)) {
            Meta.of(merged).put("deletionTimestamp", Meta.deletionTimestamp(made));
        }
        return merged;
    }

    /** Does what is due by now; to be called every second or so. A book that cannot be written does not keep the others from their times. */
    public synchronized void look() {
        boolean changed = false;
        @Nullable RuntimeException failure = null;
        for (CronKeeper keeper : keepers.values()) {
            try {
                changed |= keeper.look(clock.get(), linked.getAsBoolean());
            } catch (RuntimeException e) {
                failure = e;
                changed = true; // what was done before it failed
            }
        }
        if (changed) {
            listener.changed();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** A session begins: what was told goes to the centre. */
    public synchronized void linked() {
        keepers.values().forEach(CronKeeper::linked);
    }

    /**
     * A pod's status, of any pod.
     *
     * @return whether the centre may hear of it: not before it knows the pod
     */
    public synchronized boolean observed(String uid, ObjectNode status) {
        CronAttempt attempt = attempt(uid);
        if (attempt == null) {
            return true;
        }
        attempt.observe(status, clock.get());
        return attempt.known;
    }

    /** Nothing is left of a pod, of any. */
    public synchronized void gone(String uid) {
        CronAttempt attempt = attempt(uid);
        if (attempt != null) {
            attempt.gone(clock.get());
        }
    }

    /** The uid of a pod that the centre does not know yet. */
    public synchronized Optional<String> uid(ObjectKey pod) {
        return keepers.values().stream()
                .flatMap(keeper -> keeper.runs().stream())
                .flatMap(run -> run.attempts.stream()
                        .filter(attempt -> ObjectKey.of(run.pod(attempt)).equals(pod))
                        .map(attempt -> attempt.uid))
                .findFirst();
    }

    private @Nullable CronAttempt attempt(String uid) {
        for (CronKeeper keeper : keepers.values()) {
            for (CronRun run : keeper.runs()) {
                for (CronAttempt attempt : run.attempts) {
                    if (attempt.uid.equals(uid)) {
                        return attempt;
                    }
                }
            }
        }
        return null;
    }
}
