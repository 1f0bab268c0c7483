package dev.selvage.session;

import dev.selvage.model.ObjectKey;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What {@code kubectl logs} asks for.
 *
 * @param uid the pod that is meant: another of the same name is not it
 * @param container empty: the only one
 * @param since only lines younger than this
 */
public record LogRequest(
        ObjectKey pod,
        String uid,
        String container,
        boolean follow,
        boolean previous,
        boolean timestamps,
        OptionalLong tailLines,
        Optional<Duration> since,
        OptionalLong limitBytes) {}
