package dev.selvage.identity;

/** Why a node is not accepted. */
public enum Denial {
    TOKEN_MALFORMED,
    /** Never existed, was revoked (deleted), or the secret is wrong: who asks learns no more. */
    TOKEN_UNKNOWN,
    TOKEN_EXPIRED,
    TOKEN_USED,
    REQUEST_INVALID,
    NAME_NOT_ALLOWED,
    NAME_TAKEN,
    CERTIFICATE_UNTRUSTED,
    CERTIFICATE_EXPIRED,
    KEY_STALE,
    REVOKED
}
