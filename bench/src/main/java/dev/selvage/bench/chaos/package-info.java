/** A whole installation under load whose processes are killed at random, and what must hold all the same (issue 3, fault 1). */
@org.jspecify.annotations.NullMarked
package dev.selvage.bench.chaos;
