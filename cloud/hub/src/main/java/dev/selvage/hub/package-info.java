@NullMarked
package dev.selvage.hub;

import org.jspecify.annotations.NullMarked;
