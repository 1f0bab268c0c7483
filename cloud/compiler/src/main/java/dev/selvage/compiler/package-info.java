@NullMarked
package dev.selvage.compiler;

import org.jspecify.annotations.NullMarked;
