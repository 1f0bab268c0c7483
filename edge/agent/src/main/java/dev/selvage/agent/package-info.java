/** The agent: the composition root of a node. Holds the node's slice on disk, wires the edge's modules together, and opens the node's loopback API. */
@NullMarked
package dev.selvage.agent;

import org.jspecify.annotations.NullMarked;
