@NullMarked
package dev.selvage.telemetry;

import org.jspecify.annotations.NullMarked;
