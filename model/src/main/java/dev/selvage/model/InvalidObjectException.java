package dev.selvage.model;

import java.util.List;
import java.util.stream.Collectors;

/** An object that breaks its kind's rules; names every fault that was found. */
public final class InvalidObjectException extends RuntimeException {
    private final transient List<FieldError> errors;

    public InvalidObjectException(List<FieldError> errors) {
        super(errors.stream().map(FieldError::toString).collect(Collectors.joining("; ")));
        this.errors = List.copyOf(errors);
    }

    public List<FieldError> errors() {
        return errors;
    }
}
