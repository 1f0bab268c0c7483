/** Pods in containers of a Docker Engine, spoken to over HTTP on its Unix socket. */
@NullMarked
package dev.selvage.containers;

import org.jspecify.annotations.NullMarked;
