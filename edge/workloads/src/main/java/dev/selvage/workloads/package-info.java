/** Pods on a node: one worker per pod drives its containers through a {@link dev.selvage.workloads.PodRuntime}. */
@NullMarked
package dev.selvage.workloads;

import org.jspecify.annotations.NullMarked;
