package dev.selvage.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.selvage.model.Json;
import dev.selvage.workloads.Failure;
import dev.selvage.workloads.ImageRequest;
import dev.selvage.workloads.RunId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Brings images to the node by the rules of imagePullPolicy, in upstream's words (kubelet images: ErrImagePull, then
 * ImagePullBackOff with 10 s doubling to 5 min). A pull runs in a thread of its own, one for all who want the same image.
 */
final class Images implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final int PULLS_AT_ONCE = 3;
    private static final int MOST_REMEMBERED = 500;

    private final Engine engine;
    private final Supplier<String> architecture;
    private final Pulls pulls;
    private final Consumer<RunId> changed;
    private final Pull pull;
    private final Semaphore places = new Semaphore(PULLS_AT_ONCE);
    private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();

    /**
     * @param pull brings them
     * @param pulls hears of images that come
     * @param changed hears of runs whose image has come, or has not
     */
    Images(Engine engine, Pull pull, Supplier<String> architecture, Pulls pulls, Consumer<RunId> changed) {
        this.pulls = pulls;
        this.engine = engine;
        this.architecture = architecture;
        this.changed = changed;
        this.pull = pull;
    }

    /** Hears of pulls. */
    interface Pulls {
        /** @param present what the engine has by that name so far */
        void pulling(ImageName name, JsonNode present);

        void pulled(ImageName name);
    }

    /** One image as some credentials want it: a failure of wrong ones must not keep right ones away. */
    private static final class Attempt {
        private final Set<RunId> waiting = ConcurrentHashMap.newKeySet();
        private Duration pause = Duration.ZERO;
        private Instant earliest = Instant.EPOCH;
        private Optional<Failure> failure = Optional.empty();
        /**
         * Runs that the last pull's outcome has been told: its image is theirs (with the policy Always each run pulls once),
         * or its failure is.
         */
        private final Set<RunId> done = ConcurrentHashMap.newKeySet();

        private boolean pulling;
    }

    Optional<Failure> want(ImageRequest request) {
        ImageName name;
        try {
            name = ImageName.parse(request.image());
        } catch (IllegalArgumentException e) {
            return failure("InvalidImageName", String.valueOf(e.getMessage()));
        }
        try {
            return want(request, name);
        } catch (IOException e) {
            return failure(
                    "ImageInspectError",
                    "Failed to inspect image \"%s\": %s".formatted(request.image(), e.getMessage()));
        }
    }

    private Optional<Failure> want(ImageRequest request, ImageName name) throws IOException {
        String policy = request.pullPolicy().isEmpty() ? name.defaultPolicy() : request.pullPolicy();
        Optional<JsonNode> present = engine.find(path(name));
        boolean here = present.isPresent();
        if (policy.equals("Never") && !here) {
            return failure(
                    "ErrImageNeverPull",
                    "Container image \"%s\" is not present with pull policy of Never".formatted(request.image()));
        }
        List<String> auths = RegistryAuth.headers(name, request.pullSecrets());
        Attempt attempt = attempts.computeIfAbsent(name.reference() + " " + auths.hashCode(), key -> new Attempt());
        boolean fresh = policy.equals("Always") && !attempt.done.contains(request.run());
        if (here && !fresh) {
            if (!attempt.done.remove(request.run())) {
                request.events()
                        .event(
                                "Normal",
                                "Pulled",
                                "Container image \"%s\" already present on machine".formatted(request.image()));
            }
            if (attempts.size() > MOST_REMEMBERED) {
                attempts.clear();
            }
            return wrongArchitecture(request.image(), present.get());
        }
        return pull(request, name, auths, attempt);
    }

    private Optional<Failure> pull(ImageRequest request, ImageName name, List<String> auths, Attempt attempt) {
        synchronized (attempt) {
            if (attempt.pulling) {
                attempt.waiting.add(request.run());
                return Optional.of(Failure.pending());
            }
            if (Instant.now().isBefore(attempt.earliest) && attempt.failure.isPresent()) {
                return backingOff(request, attempt);
            }
            attempt.pulling = true;
            attempt.waiting.add(request.run());
        }
        request.events().event("Normal", "Pulling", "Pulling image \"%s\"".formatted(request.image()));
        Thread.ofVirtual().name("pull " + name.reference()).start(() -> pullNow(request, name, auths, attempt));
        return Optional.of(Failure.pending());
    }

    private Optional<Failure> backingOff(ImageRequest request, Attempt attempt) {
        Failure why = attempt.failure.orElseThrow();
        if (attempt.done.add(request.run())) { // the failure itself is shown once to each
            return Optional.of(why);
        }
        return failure(
                "ImagePullBackOff",
                "Back-off pulling image \"%s\": %s: %s".formatted(request.image(), why.reason(), why.message()));
    }

    private void pullNow(ImageRequest request, ImageName name, List<String> auths, Attempt attempt) {
        long began = System.nanoTime();
        Optional<Failure> failure = Optional.empty();
        try {
            places.acquire();
            try {
                engine.find(path(name)).ifPresent(present -> pulls.pulling(name, present));
                pull.pull(name, auths);
                pulls.pulled(name);
            } finally {
                places.release();
            }
            long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
            request.events()
                    .event(
                            "Normal",
                            "Pulled",
                            "Successfully pulled image \"%s\" in %d ms".formatted(request.image(), millis));
        } catch (IOException e) {
            failure = failure("ErrImagePull", String.valueOf(e.getMessage()));
            request.events()
                    .event(
                            "Warning",
                            "Failed",
                            "Failed to pull image \"%s\": %s".formatted(request.image(), e.getMessage()));
        } catch (InterruptedException e) {
            failure = failure("ErrImagePull", "the agent ends");
        } finally {
            finished(attempt, failure);
        }
    }

    private void finished(Attempt attempt, Optional<Failure> failure) {
        Set<RunId> waiting;
        synchronized (attempt) {
            attempt.pulling = false;
            attempt.failure = failure;
            attempt.done.clear();
            waiting = Set.copyOf(attempt.waiting);
            attempt.waiting.clear();
            if (failure.isPresent()) {
                Duration twice = attempt.pause.isZero() ? FIRST_PAUSE : attempt.pause.multipliedBy(2);
                attempt.pause = twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
                attempt.earliest = Instant.now().plus(attempt.pause);
            } else {
                attempt.pause = Duration.ZERO;
                attempt.done.addAll(waiting);
            }
        }
        waiting.forEach(changed);
    }

    /** Runs all the same where the kernel has an interpreter for it (binfmt_misc). */
    private Optional<Failure> wrongArchitecture(String image, JsonNode inspected) {
        String its = Json.textAt(inspected, "Architecture");
        String ours = architecture.get();
        if (its.isEmpty() || ours.isEmpty() || its.equals(ours) || Architectures.emulated(its)) {
            return Optional.empty();
        }
        return failure(
                "ErrImagePull",
                "image \"%s\" is for architecture %s, this node has %s: exec format error".formatted(image, its, ours));
    }

    /** What status.imageID shows: a digest of the image's repository where it came from one, else the image's own id. */
    String id(String image) {
        try {
            ImageName name = ImageName.parse(image);
            Optional<JsonNode> found = engine.find(path(name));
            for (JsonNode digest : found.map(i -> i.path("RepoDigests")).orElse(Json.array())) {
                if (digest.asText().startsWith(name.repository() + "@")) {
                    return digest.asText();
                }
            }
            return found.map(i -> Json.textAt(i, "Id")).orElse("");
        } catch (IOException | IllegalArgumentException e) {
            return "";
        }
    }

    private static String path(ImageName name) {
        return "/images/" + Engine.encode(name.reference()) + "/json";
    }

    private static Optional<Failure> failure(String reason, String message) {
        return Optional.of(new Failure(reason, message, true));
    }

    /** The config of an image, for what a container takes from it. */
    ObjectNode config(String image) throws IOException {
        JsonNode config = engine.get(path(ImageName.parse(image))).path("Config");
        return config instanceof ObjectNode object ? object : Json.object();
    }

    @Override
    public void close() {
        pull.close();
    }
}
