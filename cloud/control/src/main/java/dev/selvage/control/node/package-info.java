/** Node life cycle: who can be reached, and what that changes. */
@NullMarked
package dev.selvage.control.node;

import org.jspecify.annotations.NullMarked;
