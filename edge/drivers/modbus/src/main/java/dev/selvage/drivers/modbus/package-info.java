@NullMarked
package dev.selvage.drivers.modbus;

import org.jspecify.annotations.NullMarked;
