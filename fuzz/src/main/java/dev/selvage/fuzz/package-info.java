@NullMarked
package dev.selvage.fuzz;

import org.jspecify.annotations.NullMarked;
