@NullMarked
package dev.selvage.streams;

import org.jspecify.annotations.NullMarked;
