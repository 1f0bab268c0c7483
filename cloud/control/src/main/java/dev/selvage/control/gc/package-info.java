/** Garbage collection by owner references, and by age. */
@NullMarked
package dev.selvage.control.gc;

import org.jspecify.annotations.NullMarked;
