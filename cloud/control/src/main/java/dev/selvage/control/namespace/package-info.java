/** Deletion of namespaces and all that is in them. */
@NullMarked
package dev.selvage.control.namespace;

import org.jspecify.annotations.NullMarked;
