@NullMarked
package dev.selvage.cli;

import org.jspecify.annotations.NullMarked;
