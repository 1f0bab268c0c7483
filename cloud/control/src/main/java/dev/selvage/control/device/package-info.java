/** Binds Devices to nodes and keeps one writer per property. */
@NullMarked
package dev.selvage.control.device;

import org.jspecify.annotations.NullMarked;
