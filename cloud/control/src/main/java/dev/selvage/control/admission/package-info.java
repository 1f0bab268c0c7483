/** Checks that need more than one object, made before a write. */
@NullMarked
package dev.selvage.control.admission;

import org.jspecify.annotations.NullMarked;
