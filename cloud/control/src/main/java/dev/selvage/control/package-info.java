@NullMarked
package dev.selvage.control;

import org.jspecify.annotations.NullMarked;
