package dev.selvage.compiler;

import dev.selvage.model.StreamSpec;

/** Compiles a Stream's SQL to the plan that nodes run. Thread-safe. */
@SuppressWarnings("DoNotCallSuggester")
public final class StreamCompiler {
    /** Never throws for what stands in the query. */
    public CompileResult compile(StreamSpec stream, Catalog catalog) {
        throw new UnsupportedOperationException("not yet");
    }
}
