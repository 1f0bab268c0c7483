@NullMarked
package dev.selvage.devices;

import org.jspecify.annotations.NullMarked;
