/** A simulated plant: cold rooms with thermal physics behind a real Modbus TCP server, as a process of its own. */
@NullMarked
package dev.selvage.sim.plant;

import org.jspecify.annotations.NullMarked;
