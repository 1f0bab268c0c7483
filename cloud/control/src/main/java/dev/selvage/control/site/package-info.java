/** Counts the nodes of each Site. */
@NullMarked
package dev.selvage.control.site;

import org.jspecify.annotations.NullMarked;
