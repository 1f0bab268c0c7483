/** The versioned plan of a Stream: what the centre compiles from SQL and a node runs; never a library's serialised form. */
@NullMarked
package dev.selvage.model.plan;

import org.jspecify.annotations.NullMarked;
