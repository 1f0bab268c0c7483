/** The upload lanes of a node: durable, bounded logs whose records carry an identity that makes delivery exactly once. */
@NullMarked
package dev.selvage.lanes;

import org.jspecify.annotations.NullMarked;
