/** Networks that fail: a TCP proxy that breaks connections at chosen messages, and a line that delays and loses packets. */
@NullMarked
package dev.selvage.sim.net;

import org.jspecify.annotations.NullMarked;
