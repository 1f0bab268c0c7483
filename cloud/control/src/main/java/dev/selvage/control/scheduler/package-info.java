/** Chooses a node for each pod. */
@NullMarked
package dev.selvage.control.scheduler;

import org.jspecify.annotations.NullMarked;
