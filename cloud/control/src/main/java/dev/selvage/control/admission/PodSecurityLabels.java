package dev.selvage.control.admission;

import dev.selvage.model.FieldError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a namespace says about Pod Security (upstream: labels {@code pod-security.kubernetes.io/<mode>[-version]}).
 *
 * @param enforce pods that go beyond it are refused
 * @param audit pods and workloads that go beyond it are told to the log
 * @param warn to whoever writes them
 */
record PodSecurityLabels(Policy enforce, Policy audit, Policy warn) {
    static final String PREFIX = "pod-security.kubernetes.io/";
    private static final List<String> MODES = List.of("enforce", "audit", "warn");
    private static final Pattern VERSION = Pattern.compile("latest|v1\\.(0|[1-9][0-9]{0,3})");

    /** @param version what messages name; the checks are those of the latest standard, which is stricter than any before */
    record Policy(PodSecurityLevel level, String version) {
        @Override
        public String toString() {
            return level + ":" + version;
        }
    }

    /** Upstream: without a label a level is privileged; one that cannot be read counts as restricted. */
    static PodSecurityLabels of(Map<String, String> labels) {
        return new PodSecurityLabels(policy(labels, "enforce"), policy(labels, "audit"), policy(labels, "warn"));
    }

    private static Policy policy(Map<String, String> labels, String mode) {
        String level = labels.get(PREFIX + mode);
        return new Policy(
                level == null
                        ? PodSecurityLevel.PRIVILEGED
                        : PodSecurityLevel.of(level).orElse(PodSecurityLevel.RESTRICTED),
                labels.getOrDefault(PREFIX + mode + "-version", "latest"));
    }

    /** What a namespace says wrongly. */
    static List<FieldError> errors(Map<String, String> labels) {
        List<FieldError> errors = new ArrayList<>();
        for (String mode : MODES) {
            String level = labels.get(PREFIX + mode);
            if (level != null && PodSecurityLevel.of(level).isEmpty()) {
                errors.add(new FieldError(
                        "metadata.labels[" + PREFIX + mode + "]",
                        level,
                        "must be one of privileged, baseline, restricted"));
            }
            String version = labels.get(PREFIX + mode + "-version");
            if (version != null && !VERSION.matcher(version).matches()) {
                errors.add(new FieldError(
                        "metadata.labels[" + PREFIX + mode + "-version]", version, "must be \"latest\" or \"v1.x\""));
            }
        }
        return errors;
    }
}
