package dev.selvage.model;

/** Well-known label and annotation keys. */
public final class Labels {
    public static final String SITE = "selvage.dev/site";
    public static final String HOSTNAME = "kubernetes.io/hostname";
    public static final String ARCH = "kubernetes.io/arch";
    public static final String OS = "kubernetes.io/os";
    public static final String REGION = "topology.kubernetes.io/region";
    /** Prefix of the runtimes that a node offers: {@code runtime.selvage.dev/process: "true"}. */
    public static final String RUNTIME_PREFIX = "runtime.selvage.dev/";

    private Labels() {}
}
