package dev.selvage.model;

/** Where the names of a kind are unique. */
public enum Scope {
    CLUSTER,
    NAMESPACED
}
