/** Compiles Streams into plans. */
@NullMarked
package dev.selvage.control.stream;

import org.jspecify.annotations.NullMarked;
