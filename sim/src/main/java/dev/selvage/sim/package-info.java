@NullMarked
package dev.selvage.sim;

import org.jspecify.annotations.NullMarked;
