package dev.selvage.model;

import java.util.List;

/** A write that an {@link Admission} refuses. */
public final class AdmissionDenied extends RuntimeException {
    private final int code;
    private final transient List<FieldError> causes;

    /**
     * @param code HTTP status: 403 for what is not allowed, 409 for what another object rules out, 422 for what is wrong
     */
    public AdmissionDenied(int code, String message, List<FieldError> causes) {
        super(message);
        this.code = code;
        this.causes = List.copyOf(causes);
    }

    public int code() {
        return code;
    }

    public List<FieldError> causes() {
        return causes;
    }
}
