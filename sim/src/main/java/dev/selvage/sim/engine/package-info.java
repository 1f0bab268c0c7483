/** Real container engines and registries of one's own, for tests and benches: nothing here is simulated but their being many. */
@NullMarked
package dev.selvage.sim.engine;

import org.jspecify.annotations.NullMarked;
