package dev.selvage.workloads;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * A container's environment, split by when it may be set. The programs that still run as root before the container's
 * command (bubblewrap, setpriv, nsenter, the shell) must not be steered by a pod's author: what glibc itself strips from
 * set-user-id programs (glibc sysdeps/generic/unsecvars.h) and what steers a shell is set only after privileges are gone.
 *
 * @param carried set from the beginning
 * @param late set by env(1) as the container's user; visible in that process' arguments for an instant
 */
record RunEnvironment(Map<String, String> carried, Map<String, String> late) {
    private static final Set<String> LATE = Set.of(
            "GCONV_PATH",
            "GETCONF_DIR",
            "HOSTALIASES",
            "LOCALDOMAIN",
            "LOCPATH",
            "NIS_PATH",
            "NLSPATH",
            "RESOLV_HOST_CONF",
            "RES_OPTIONS",
            "RESOLV_ADD_TRIM_DOMAINS",
            "TMPDIR",
            "TZDIR",
            "LANGUAGE",
            "TEXTDOMAINDIR",
            "ENV",
            "BASH_ENV",
            "SHELLOPTS",
            "BASHOPTS",
            "IFS",
            "PS4",
            "CDPATH",
            "GLOBIGNORE");

    static RunEnvironment split(Map<String, String> environment) {
        Map<String, String> carried = new LinkedHashMap<>();
        Map<String, String> late = new LinkedHashMap<>();
        environment.forEach((name, value) -> (dangerous(name) ? late : carried).put(name, value));
        return new RunEnvironment(carried, late);
    }

    private static boolean dangerous(String name) {
        return LATE.contains(name)
                || name.startsWith("LD_")
                || name.startsWith("GLIBC_")
                || name.startsWith("MALLOC_")
                || name.startsWith("BASH_FUNC_");
    }
}
